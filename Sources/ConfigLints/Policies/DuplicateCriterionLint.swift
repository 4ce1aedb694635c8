import Diagnostics
import PolicyLanguage

/// The same criterion twice in one conditional.
struct DuplicateCriterionLint: PolicyLint {
    let rule = LintRule(
        code: "duplicate-criterion", summary: "a criterion that is there twice",
        text: "The same criterion stands twice in one conditional; the second changes nothing. Often another value was meant.",
        badAllow: "or:\n  - email:\n      is: ann@example.com\n  - email:\n      is: ann@example.com",
        goodAllow: "or:\n  - email:\n      is: ann@example.com\n  - email:\n      is: bob@example.com")

    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        for conditional in policy.rules.flatMap(\.conditionals) where conditional.criteria.count > 1 {
            var seen: [String: Int] = [:]
            for (index, criterion) in conditional.criteria.enumerated() {
                guard let first = seen.updateValue(index, forKey: Self.identity(of: criterion)) else { continue }
                // The earlier one always has a neighbour behind it, which tells where it ends.
                let fix = subject.text?.removingItem(
                    at: conditional.criteria[first].position, before: conditional.criteria[first + 1].position)
                findings.add(
                    "\(criterion.key) is here twice", at: criterion.position, help: "remove one of them, or name what was meant",
                    fix: fix.map { LintFix("remove the first of the two", [$0]) })
            }
        }
    }

    /// A text that two criteria share if they say the same.
    private static func identity(of criterion: CriterionSource) -> String {
        // `accept` and its like ignore what stands behind them.
        let ignoresData = ["accept", "reject", "authenticated_user", "cors_preflight", "invalid_client_certificate"].contains(criterion.name)
        return "\(criterion.key) \(ignoresData ? "" : text(of: criterion.data))"
    }

    private static func text(of value: PositionedValue) -> String {
        switch value.kind {
        case .null: "null"
        case .bool(let bool): "\(bool)"
        case .int(let int): "\(int)"
        case .double(let double): "\(double)"
        case .string(let string): string.debugDescription
        case .sequence(let values): "[" + values.map(text).joined(separator: ",") + "]"
        case .mapping(let entries): "{" + entries.map { "\($0.key.debugDescription):\(text(of: $0.value))" }.sorted().joined(separator: ",") + "}"
        }
    }
}
