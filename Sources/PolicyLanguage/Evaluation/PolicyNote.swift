/// What the author of a policy tells the person, and what came of the rules that it stands at.
public struct PolicyNote: Sendable, Equatable {
    public enum Effect: String, Sendable, Equatable {
        case allow, deny
        /// The rules did not hold.
        case neither
    }

    public var explanation: String
    public var remediation: String?
    public var effect: Effect
}

extension PolicyEvaluator {
    /// The notes of all rules in force, in their order; one that stands at several rules comes once. Not for the fast path.
    public static func notes(_ policies: [CompiledPolicy], _ facts: RequestFacts) -> [PolicyNote] {
        var notes: [PolicyNote] = []
        for policy in policies {
            for rule in policy.document.rules where !rule.isShadow {
                guard let explanation = rule.explanation else { continue }
                let positions = rule.conditionals.map(\.position)
                let conditionals = (rule.action == .allow ? policy.allow : policy.deny).filter { positions.contains($0.position) }
                let holds = conditionals.contains { $0.evaluate(facts).fulfilled }
                let effect: PolicyNote.Effect = holds ? (rule.action == .allow ? .allow : .deny) : .neither
                let same = notes.firstIndex { $0.explanation == explanation && $0.remediation == rule.remediation }
                guard let same else {
                    notes.append(PolicyNote(explanation: explanation, remediation: rule.remediation, effect: effect))
                    continue
                }
                if effect == .deny || notes[same].effect == .neither { notes[same].effect = effect }
            }
        }
        return notes
    }
}
