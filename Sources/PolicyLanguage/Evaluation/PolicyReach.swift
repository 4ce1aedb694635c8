extension PolicyEvaluator {
    /// Whether some request of this client could be allowed now: what a list of "my applications" is made of.
    ///
    /// Who asks, from where and when is judged by the same criteria as a request. What only a request can tell (method, path, headers, MCP and SSH
    /// fields) is left open: it neither hides an application nor counts as a denial. A rule that denies every such request does.
    public static func couldAllow(_ policies: [CompiledPolicy], _ facts: RequestFacts) -> Bool {
        policies.contains { $0.allow.contains { $0.couldBeFulfilled(facts) } }
            && !policies.contains { $0.deny.contains { $0.isAlwaysFulfilled(facts) } }
    }
}

extension CompiledPolicy.Conditional {
    fileprivate func couldBeFulfilled(_ facts: RequestFacts) -> Bool {
        let states = tests.map { $0.stateBeforeARequest(facts) }
        return switch connective {
        case .and: states.allSatisfy { $0 == nil || $0 == .fulfilled }
        case .or: states.contains { $0 == nil || $0 == .fulfilled }
        case .not: states.allSatisfy { $0 == nil || $0 == .unfulfilled }
        case .nor: states.contains { $0 == nil || $0 == .unfulfilled }
        }
    }

    fileprivate func isAlwaysFulfilled(_ facts: RequestFacts) -> Bool {
        let states = tests.map { $0.stateBeforeARequest(facts) }
        return switch connective {
        case .and: states.allSatisfy { $0 == .fulfilled }
        case .or: states.contains(.fulfilled)
        case .not: states.allSatisfy { $0 == .unfulfilled }
        case .nor: states.contains(.unfulfilled)
        }
    }
}

extension CompiledPolicy.Test {
    /// Nil if only a request can tell.
    fileprivate func stateBeforeARequest(_ facts: RequestFacts) -> CriterionState? {
        let open: PolicyDependencies = [.method, .path, .headers, .mcp, .ssh]
        guard type(of: criterion).dependencies.isDisjoint(with: open) else { return nil }
        return criterion.evaluate(facts).state
    }
}
