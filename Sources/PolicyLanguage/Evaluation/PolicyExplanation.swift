import Diagnostics

/// How a verdict came about, criterion by criterion. Made for people and tools, on request; not part of the fast path.
public struct PolicyExplanation: Sendable, Equatable, Codable {
    public struct Criterion: Sendable, Equatable, Codable {
        /// The key as it was written.
        public var criterion: String
        /// `file:line:column`
        public var position: String
        public var result: CriterionState
        public var reason: Reason
        public var wanted: String
        public var seen: String
    }

    public struct Conditional: Sendable, Equatable, Codable {
        public var conditional: PolicyDocument.Connective
        public var position: String
        public var result: Bool
        public var reasons: [String]
        public var criteria: [Criterion]
    }

    public struct Policy: Sendable, Equatable, Codable {
        public var policy: String
        public var allow: [Conditional]
        public var deny: [Conditional]
    }

    public var outcome: PolicyOutcome
    public var allow: Bool
    public var deny: Bool
    public var allowReasons: [String]
    public var denyReasons: [String]
    public var policies: [Policy]

    enum CodingKeys: String, CodingKey {
        case outcome, allow, deny, policies
        case allowReasons = "allow_reasons"
        case denyReasons = "deny_reasons"
    }
}

extension PolicyEvaluator {
    /// The verdict of ``evaluate(_:_:)-([CompiledPolicy],_)`` with what each criterion saw and wanted.
    public static func explain(_ policies: [CompiledPolicy], _ facts: RequestFacts) -> PolicyExplanation {
        let verdict = evaluate(policies, facts)
        return PolicyExplanation(
            outcome: verdict.outcome(mcp: facts.mcp), allow: verdict.allow, deny: verdict.deny, allowReasons: verdict.allowReasons.codes,
            denyReasons: verdict.denyReasons.codes,
            policies: policies.map { policy in
                .init(
                    policy: policy.label, allow: policy.allow.map { $0.explain(facts) }, deny: policy.deny.map { $0.explain(facts) })
            })
    }
}

extension CompiledPolicy.Conditional {
    fileprivate func explain(_ facts: RequestFacts) -> PolicyExplanation.Conditional {
        let (fulfilled, reasons) = evaluate(facts)
        return .init(
            conditional: connective, position: position.description, result: fulfilled, reasons: reasons.codes,
            criteria: tests.map { test in
                let result = test.criterion.evaluate(facts)
                return .init(
                    criterion: test.source.key, position: test.source.position.description, result: result.state, reason: result.reason,
                    wanted: test.criterion.wanted, seen: test.criterion.seen(facts))
            })
    }
}
