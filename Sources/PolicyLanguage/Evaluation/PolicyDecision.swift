/// A verdict in the form that tools print: one flat object, with the explanation where it was asked for.
public struct PolicyDecision: Sendable, Equatable, Codable {
    public var allow: Bool
    public var deny: Bool
    /// All codes of both sides, sorted.
    public var reasons: [String]
    public var allowReasons: [String]
    public var denyReasons: [String]
    public var outcome: PolicyOutcome
    /// Every rule with every criterion, what it saw and what it wanted.
    public var explanation: [PolicyExplanation.Policy]?

    enum CodingKeys: String, CodingKey {
        case allow, deny, reasons, outcome, explanation
        case allowReasons = "allow_reasons"
        case denyReasons = "deny_reasons"
    }

    /// Judges a request by all policies of its route.
    public init(_ policies: [CompiledPolicy], _ facts: RequestFacts, explains: Bool = false) {
        self.init(PolicyEvaluator.evaluate(policies, facts), mcp: facts.mcp)
        explanation = explains ? PolicyEvaluator.explain(policies, facts).policies : nil
    }

    /// The form of a verdict that no criterion explains.
    public init(_ verdict: PolicyVerdict, mcp: RequestFacts.MCP? = nil) {
        allow = verdict.allow
        deny = verdict.deny
        reasons = verdict.allowReasons.union(verdict.denyReasons).codes
        allowReasons = verdict.allowReasons.codes
        denyReasons = verdict.denyReasons.codes
        outcome = verdict.outcome(mcp: mcp)
    }
}
