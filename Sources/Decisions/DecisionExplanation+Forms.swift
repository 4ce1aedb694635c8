import Foundation
import PolicyLanguage
public import Records

extension DecisionExplanation {
    /// One JSON object.
    public var json: String {
        var writer = DocumentWriter()
        writer.beginObject()
        writer.members(of: decision)
        writer.key("policy_sources")
        writer.raw(Self.encoded(sources))
        if let explanation {
            writer.key("explanation")
            writer.raw(Self.encoded(explanation))
        }
        writer.member("changes", changes)
        if let problem { writer.member("problem", problem) }
        writer.key("facts")
        writer.raw(decision.facts.isEmpty ? "null" : decision.facts)
        writer.endObject()
        return writer.text + "\n"
    }

    /// For people at a terminal.
    public var text: String {
        var lines = [
            "request        \(decision.id)",
            "time           \(UnixTime(nanoseconds: decision.time))",
            "route          \(decision.routeName) (id \(decision.routeID))",
            "person         \(decision.person)",
            "asked for      \(decision.method) \(decision.host)\(decision.path)",
            "outcome        \(decision.outcome), status \(decision.status), reason \(decision.reason)",
            "configuration  \(decision.configurationHash), policy at \(decision.position)",
        ].map(TerminalText.safe)
        for policy in explanation?.policies ?? [] {
            lines += ["", "\(policy.policy):"]
            for (action, conditionals) in [("allow", policy.allow), ("deny", policy.deny)] {
                for conditional in conditionals {
                    lines.append(
                        "  \(action) \(conditional.conditional.rawValue), \(conditional.position): \(conditional.result ? "holds" : "does not hold")")
                    for criterion in conditional.criteria {
                        lines.append("    \(criterion.result.mark) \(criterion.criterion), \(criterion.position) (\(criterion.reason.rawValue))")
                        lines.append(TerminalText.safe("        wanted: \(criterion.wanted)"))
                        lines.append(TerminalText.safe("        seen:   \(criterion.seen)"))
                    }
                }
            }
            if policy.allow.isEmpty, policy.deny.isEmpty { lines.append("  no rules") }
        }
        if !changes.isEmpty { lines += ["", "what would have to change:"] + changes.map { TerminalText.safe("  - \($0)") } }
        if let problem { lines += ["", "note: \(problem)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func encoded(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}

extension StoredDecision {
    /// One JSON object without facts and explanation.
    public var summary: String {
        var writer = DocumentWriter()
        writer.beginObject()
        writer.members(of: self)
        writer.endObject()
        return writer.text
    }

    /// Who asked, in words.
    public var person: String {
        if !isSignedIn { return "nobody signed in" }
        return email.isEmpty ? "user \(userID)" : "\(email) (user \(userID))"
    }
}

extension DocumentWriter {
    fileprivate mutating func members(of decision: StoredDecision) {
        member("id", decision.id)
        member("time", UnixTime(nanoseconds: decision.time).description)
        member("route_id", decision.routeID)
        member("route_name", decision.routeName)
        member("user_id", decision.userID)
        member("email", decision.email)
        member("method", decision.method)
        member("host", decision.host)
        member("path", decision.path)
        member("outcome", decision.outcome)
        member("allowed", decision.isAllowed)
        key("status")
        raw("\(decision.status)")
        member("reason", decision.reason)
        member("configuration", decision.configurationHash)
        member("policy_id", decision.policyID)
        member("policy_position", decision.position)
    }
}

extension CriterionState {
    fileprivate var mark: String {
        switch self {
        case .fulfilled: "+"
        case .unfulfilled: "-"
        case .unknown: "?"
        }
    }
}
