/// Judges requests by compiled policies. Synchronous, without side effects; the ordinary case allocates nothing.
///
/// A rule's conditionals, and all rules of one action in all policies, are alternatives. Allow and deny are always both computed, because the codes of
/// both sides decide what is answered. Codes are united: of what was true, or, if nothing was, of everything.
public enum PolicyEvaluator {
    /// Judges one request by all policies of its route. A further policy can only widen allow and only widen deny.
    public static func evaluate(_ policies: [CompiledPolicy], _ facts: RequestFacts) -> PolicyVerdict {
        var allow = Side()
        var deny = Side()
        for policy in policies {
            for conditional in policy.allow { allow.add(conditional.evaluate(facts)) }
            for conditional in policy.deny { deny.add(conditional.evaluate(facts)) }
        }
        return PolicyVerdict(allow: allow.fulfilled, deny: deny.fulfilled, allowReasons: allow.reasons, denyReasons: deny.reasons)
    }

    /// As ``evaluate(_:_:)`` for a single policy.
    public static func evaluate(_ policy: CompiledPolicy, _ facts: RequestFacts) -> PolicyVerdict {
        var allow = Side()
        var deny = Side()
        for conditional in policy.allow { allow.add(conditional.evaluate(facts)) }
        for conditional in policy.deny { deny.add(conditional.evaluate(facts)) }
        return PolicyVerdict(allow: allow.fulfilled, deny: deny.fulfilled, allowReasons: allow.reasons, denyReasons: deny.reasons)
    }

    /// The device type to enrol after a verdict of ``PolicyOutcome/deviceEnrollment``: that of the first failing device criterion, allow rules first;
    /// `any` if none names one. Not for the fast path.
    public static func missingDeviceType(_ policies: [CompiledPolicy], _ facts: RequestFacts) -> String {
        for conditional in policies.flatMap(\.allow) + policies.flatMap(\.deny) {
            for test in conditional.tests where test.criterion.evaluate(facts).reason == .deviceUnauthenticated {
                if let type = test.criterion.deviceType { return type }
            }
        }
        return "any"
    }

    private struct Side {
        var fulfilled = false
        private var whenFulfilled = ReasonSet()
        private var all = ReasonSet()

        var reasons: ReasonSet { fulfilled ? whenFulfilled : all }

        mutating func add(_ result: (fulfilled: Bool, reasons: ReasonSet)) {
            all.formUnion(result.reasons)
            if result.fulfilled {
                fulfilled = true
                whenFulfilled.formUnion(result.reasons)
            }
        }
    }
}

extension CompiledPolicy.Conditional {
    /// Evaluates every criterion, even when the value is clear: the codes of all of them count.
    func evaluate(_ facts: RequestFacts) -> (fulfilled: Bool, reasons: ReasonSet) {
        var tally = CriterionTally()
        for evaluator in evaluators { tally.add(evaluator.evaluate(facts)) }
        return tally.result(connective)
    }
}

/// The answers of a conditional's criteria, and what its connective makes of them.
struct CriterionTally {
    private var fulfilled = ReasonSet()
    private var unfulfilled = ReasonSet()

    mutating func add(_ result: CriterionResult) {
        switch result.state {
        case .fulfilled: fulfilled.formUnion(ReasonSet(result.reason))
        // Without a session an identity criterion is false; its code sends the visitor to sign in whatever the value becomes.
        case .unfulfilled, .unknown: unfulfilled.formUnion(ReasonSet(result.reason))
        }
    }

    /// `not` is the complement of `or`, `nor` that of `and`. Inverting changes the value and keeps the codes, so an inverted identity criterion may be
    /// true for an anonymous visitor, and leads to sign-in all the same.
    func result(_ connective: PolicyDocument.Connective) -> (fulfilled: Bool, reasons: ReasonSet) {
        let all = fulfilled.union(unfulfilled)
        switch connective {
        case .and:
            let passed = unfulfilled.isEmpty && !fulfilled.isEmpty
            return (passed, passed ? fulfilled : unfulfilled)
        case .or:
            return fulfilled.isEmpty ? (false, all) : (true, fulfilled)
        case .not:
            return fulfilled.isEmpty ? (!unfulfilled.isEmpty, unfulfilled) : (false, fulfilled)
        case .nor:
            return unfulfilled.isEmpty ? (false, all) : (true, unfulfilled)
        }
    }
}
