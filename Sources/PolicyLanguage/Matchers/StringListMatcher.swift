public import Diagnostics

/// Tests a list of values: `has` (some element is equal), `is` (it is the only element), `exclude` (no element is equal); several must all hold.
///
/// A scalar or list is short for `has`; a list of wanted values means any of them, under `exclude` none of them. Equality is typed. An empty object is
/// refused.
public struct StringListMatcher: Sendable {
    private enum Operator: String, CaseIterable {
        case has, `is`, exclude
    }

    private struct Condition: Sendable {
        var test: Operator
        var wanted: [ClaimValue]
        /// The texts among the wanted values.
        var texts: [FactText]
    }

    private let conditions: [Condition]
    /// The matcher in the policy's words.
    public let description: String

    /// Matches lists that have any of the texts.
    public init(hasAnyOf texts: [String]) {
        conditions = [Condition(test: .has, wanted: texts.map { .string($0) }, texts: texts.map { FactText($0) })]
        description = "has " + texts.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    /// Reads a matcher; problems go to `report`, nil if there was an error.
    public init?(_ value: PositionedValue, report: inout DiagnosticReport) {
        var conditions: [Condition] = []
        var words: [String] = []
        var failed = false
        let pairs: [(name: String, position: SourcePosition, value: PositionedValue)] =
            value.mapping?.map { ($0.key, $0.keyPosition, $0.value) } ?? [("has", value.position, value)]
        if pairs.isEmpty {
            report.error("empty-matcher", "a matcher needs an operator, {} would match everything", at: value.position)
            failed = true
        }
        for (name, position, value) in pairs {
            guard let test = Operator(rawValue: name) else {
                report.error(
                    "unknown-matcher", "unknown string list matcher operator: \(name)", at: position,
                    help: Suggestion.nearest(to: name, in: Operator.allCases.map(\.rawValue)).map { "did you mean \($0)?" }
                        ?? "known are has, is, exclude")
                failed = true
                continue
            }
            let elements = value.sequence ?? [value]
            let wanted = elements.compactMap { ClaimValue($0) }
            if wanted.count < elements.count {
                report.error("invalid-matcher", "\(name) requires a scalar or a list of scalars", at: value.position)
                failed = true
            }
            conditions.append(Condition(test: test, wanted: wanted, texts: elements.compactMap { $0.string.map { FactText($0) } }))
            words.append("\(name) " + wanted.map(\.description).joined(separator: ", "))
        }
        guard !failed else { return nil }
        self.conditions = conditions
        self.description = words.joined(separator: " and ")
    }

    /// Tests the values of a claim.
    public func matches(_ values: [ClaimValue]) -> Bool {
        for condition in conditions {
            let found =
                switch condition.test {
                case .has: Self.isAny(of: condition.wanted, in: values)
                case .is: values.count == 1 && Self.isAny(of: condition.wanted, in: values)
                case .exclude: !Self.isAny(of: condition.wanted, in: values)
                }
            guard found else { return false }
        }
        return true
    }

    /// Tests the groups of a principal, which are looked up; false if it has no directory record.
    public func matchesGroups(of principal: Principal) -> Bool {
        guard let groups = principal.groups else { return false }
        for condition in conditions {
            var member = false
            for text in condition.texts where principal.isMember(of: text) { member = true }
            let found =
                switch condition.test {
                case .has: member
                case .is: groups.count == 1 && member
                case .exclude: !member
                }
            guard found else { return false }
        }
        return true
    }

    private static func isAny(of wanted: [ClaimValue], in values: [ClaimValue]) -> Bool {
        for value in values {
            for candidate in wanted where candidate.isEqual(to: value) { return true }
        }
        return false
    }
}
