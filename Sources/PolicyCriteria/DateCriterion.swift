import Diagnostics
import PolicyLanguage

/// `date`: the moment of the request lies strictly after `after` and strictly before `before`; either may be left out.
///
/// Texts are ISO 8601; without a zone they are UTC, a date alone is its midnight in UTC.
struct DateCriterion: Criterion {
    static let name = "date"
    static let summary = "the date and time of the request"
    static let dependencies: PolicyDependencies = .time

    private let after: UnixTime?
    private let before: UnixTime?

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let entries = source.data.mapping, !entries.isEmpty else {
            report.error(
                "invalid-value", "expected object with after or before for date criterion, got: \(source.data.typeName)", at: source.data.position)
            return nil
        }
        var after: UnixTime?
        var before: UnixTime?
        var failed = false
        for entry in entries {
            guard entry.key == "after" || entry.key == "before" else {
                report.error(
                    "unknown-key", "unexpected field in date criterion: \(entry.key)", at: entry.keyPosition, help: "known are after and before")
                failed = true
                continue
            }
            guard let time = entry.value.string.flatMap({ UnixTime(iso8601: $0) }) else {
                report.error(
                    "invalid-date", "expected an ISO 8601 date, got: \(entry.value.text ?? entry.value.typeName)", at: entry.value.position,
                    help: "write 2024-12-31 or 2024-12-31T17:00:00Z")
                failed = true
                continue
            }
            if entry.key == "after" { after = time } else { before = time }
        }
        guard !failed else { return nil }
        if let after, let before, after >= before {
            report.warning("never-passes", "no moment lies after \(after) and before \(before)", at: source.data.position)
        }
        self.after = after
        self.before = before
    }

    var wanted: String {
        [after.map { "after \($0)" }, before.map { "before \($0)" }].compactMap(\.self).joined(separator: " and ")
    }

    func seen(_ facts: RequestFacts) -> String { facts.now.description }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        let passed = (after.map { facts.now > $0 } ?? true) && (before.map { facts.now < $0 } ?? true)
        return .choose(passed, .dateOK, .dateUnauthorized)
    }
}
