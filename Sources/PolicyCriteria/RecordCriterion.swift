import Diagnostics
import PolicyLanguage

/// `record`: an object with `type`, `field` and conditions on the field of the record that the external data source holds for this request.
///
/// Conditions are the operators of the string and the string-list matcher, `<`, `<=`, `=`, `>`, `>=` for numbers (also written as text, as CSV has
/// them), and `exists`, which needs no field. Several must all hold. Without a record or field all fail but `exists: false`.
struct RecordCriterion: Criterion {
    static let name = "record"
    static let summary = "a field of an external data source's record"
    static let dependencies: PolicyDependencies = [.identity, .records, .clientAddress, .clientCertificate]

    private enum Condition: Sendable {
        case exists(Bool)
        case text(StringMatcher)
        case list(StringListMatcher)
        case number(NumberComparison, Double)
    }

    private enum NumberComparison: String, Sendable, CaseIterable {
        case less = "<"
        case lessOrEqual = "<="
        case equal = "="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    private let type: String
    private let field: String?
    private let conditions: [Condition]
    let wanted: String

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let entries = source.data.mapping else {
            report.error("invalid-value", "expected object for record criterion, got: \(source.data.typeName)", at: source.data.position)
            return nil
        }
        let field = source.data["field"]
        let hasTests = entries.contains { !["type", "field", "exists"].contains($0.key) }
        var problems: [(message: String, position: SourcePosition)] = []
        let type = source.data["type"]?.string ?? ""
        if type.isEmpty { problems.append(("record needs the type of a record", source.data.position)) }
        if let field, field.string == nil { problems.append(("expected string for record.field, got: \(field.typeName)", field.position)) }
        if hasTests, field == nil { problems.append(("record needs a field to compare", source.data.position)) }
        var conditions: [Condition] = []
        for entry in entries where entry.key != "type" && entry.key != "field" {
            if let condition = Self.condition(entry, &report) { conditions.append(condition) } else { problems.append(("", entry.keyPosition)) }
        }
        if conditions.isEmpty, problems.isEmpty { problems.append(("record needs a condition", source.data.position)) }
        for (message, position) in problems where !message.isEmpty { report.error("invalid-value", message, at: position) }
        guard problems.isEmpty else { return nil }
        self.type = type
        self.field = field?.string
        self.conditions = conditions
        self.wanted = entries.map { "\($0.key) \($0.value.text ?? "…")" }.joined(separator: ", ")
    }

    func seen(_ facts: RequestFacts) -> String {
        guard let record = facts.directoryRecords?.record(type: type, facts).record else { return "no record of type \(type)" }
        guard let field else { return "record \(record.id)" }
        return record.fields[field].map { "\(field) \($0)" } ?? "record \(record.id) without \(field)"
    }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        let (record, needsSession) = facts.directoryRecords?.record(type: type, facts) ?? (nil, true)
        if record == nil, needsSession, facts.principal == nil { return .noSession }
        let values = field.map { record?.fields[$0] } ?? record.map { _ in [] }
        for condition in conditions where !Self.holds(condition, values) {
            return CriterionResult(.unfulfilled, .recordUnauthorized)
        }
        return CriterionResult(.fulfilled, .recordOK)
    }

    /// `values` is nil if record or field are missing.
    private static func holds(_ condition: Condition, _ values: [ClaimValue]?) -> Bool {
        if case .exists(let wanted) = condition { return wanted == (values != nil) }
        guard let values else { return false }
        switch condition {
        case .exists: return true
        case .list(let matcher): return matcher.matches(values)
        case .text(let matcher):
            return matcher.matches(anyOf: values.compactMap { if case .string(let text) = $0 { FactText(text) } else { nil } })
        case .number(let comparison, let wanted):
            return values.contains { number($0).map { compare($0, comparison, wanted) } ?? false }
        }
    }

    private static func number(_ value: ClaimValue) -> Double? {
        switch value {
        case .int(let int): Double(int)
        case .double(let double): double
        case .string(let text): Double(text)
        case .null, .bool: nil
        }
    }

    private static func compare(_ value: Double, _ comparison: NumberComparison, _ wanted: Double) -> Bool {
        switch comparison {
        case .less: value < wanted
        case .lessOrEqual: value <= wanted
        case .equal: value == wanted
        case .greater: value > wanted
        case .greaterOrEqual: value >= wanted
        }
    }

    private static func condition(_ entry: PositionedValue.Entry, _ report: inout DiagnosticReport) -> Condition? {
        // One operator alone, in the form that the matchers read.
        let single = PositionedValue(.mapping([entry]), at: entry.keyPosition)
        switch entry.key {
        case "exists":
            guard let wanted = entry.value.bool else {
                report.error("invalid-value", "expected boolean for record.exists, got: \(entry.value.typeName)", at: entry.value.position)
                return nil
            }
            return .exists(wanted)
        case "has", "is", "exclude":
            return StringListMatcher(single, report: &report).map { .list($0) }
        case "not", "contains", "starts_with", "ends_with", "in", "not_in":
            return StringMatcher(single, report: &report).map { .text($0) }
        default:
            guard let comparison = NumberComparison(rawValue: entry.key) else {
                report.error(
                    "unknown-matcher", "unknown record operator: \(entry.key)", at: entry.keyPosition,
                    help: "known are exists, has, exclude, " + StringMatcher.operators.joined(separator: ", ") + ", <, <=, =, >, >=")
                return nil
            }
            guard let wanted = entry.value.double else {
                report.error("invalid-value", "\(entry.key) requires a number, found \(entry.value.kindName)", at: entry.value.position)
                return nil
            }
            return .number(comparison, wanted)
        }
    }
}
