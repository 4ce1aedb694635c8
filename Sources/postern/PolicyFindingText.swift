import Foundation
import PolicyLanguage
import ProxyConfig
import Routing

/// What a probe found, for people: the route, then every rule with what each criterion saw and wanted.
enum PolicyFindingText {
    static func lines(_ finding: PolicyProbe.Finding) -> [String] {
        var lines: [String] = []
        if let route = finding.route {
            lines.append("route \(route.name)" + (route.definition.position.map { " at \($0)" } ?? ""))
        }
        if let note = finding.note { lines.append(note) }
        for policy in finding.decision.explanation ?? [] {
            for (action, conditionals) in [("allow", policy.allow), ("deny", policy.deny)] {
                for conditional in conditionals {
                    lines.append("\(action) \(conditional.conditional.rawValue) at \(conditional.position): \(conditional.result ? "yes" : "no")")
                    for criterion in conditional.criteria {
                        let mark = criterion.result == .fulfilled ? "yes" : "no "
                        lines.append(
                            "  \(mark) \(criterion.criterion) at \(criterion.position): wants \(criterion.wanted), saw \(criterion.seen) [\(criterion.reason.rawValue)]"
                        )
                    }
                }
            }
        }
        return lines
    }
}

/// One JSON object on one line.
enum PolicyJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}

/// The clock of commands that judge requests.
enum PolicyMoment {
    static var now: UnixTime { UnixTime(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000) }
}
