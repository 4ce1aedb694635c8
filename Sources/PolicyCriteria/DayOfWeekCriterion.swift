import Diagnostics
import PolicyLanguage

/// `day_of_week`: the weekday of the request, as `*`, a list `mon,wed,fri` or a range `mon-fri`, which may run over the end of the week (`sat-mon`).
///
/// Names are English, in full or with three letters, in any case. The day is that of UTC, unless the data is an object `{is: …, timezone: …}`.
struct DayOfWeekCriterion: Criterion {
    static let name = "day_of_week"
    static let summary = "the weekday of the request"
    static let dependencies: PolicyDependencies = .time

    private static let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    /// Index 0 is Monday.
    private let days: [Bool]
    private let clock: LocalClock
    private let text: String

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        var text = source.data.string
        var clock: LocalClock? = LocalClock.utc
        if source.data.mapping != nil {
            var reader = ObjectReader(source.data, subject: "day_of_week criterion")
            text = reader.string("is")
            if let timezone = reader.value("timezone") {
                clock = timezone.string.flatMap { LocalClock(identifier: $0) }
                if clock == nil { reader.problem("unknown time zone: \(timezone.text ?? timezone.typeName)", at: timezone.position) }
            }
            report.merge(reader.finished())
            guard !reader.finished().hasErrors else { return nil }
        }
        guard let text, let clock else {
            report.error("invalid-value", "expected string for day_of_week criterion, got: \(source.data.typeName)", at: source.data.position)
            return nil
        }
        guard let days = Self.days(text) else {
            report.error(
                "invalid-weekday", "expected weekdays, got: \"\(text)\"", at: source.data.position, help: "write *, mon,wed,fri or mon-fri")
            return nil
        }
        self.days = days
        self.clock = clock
        self.text = text
    }

    var wanted: String { text }

    func seen(_ facts: RequestFacts) -> String { Self.names[clock.weekday(at: facts.now)] }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        .choose(days[clock.weekday(at: facts.now)], .dayOfWeekOK, .dayOfWeekUnauthorized)
    }

    private static func days(_ text: String) -> [Bool]? {
        var days = Array(repeating: false, count: 7)
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { trimmed($0) }
            if ends == ["*"] {
                days = Array(repeating: true, count: 7)
            } else if ends.count <= 2, let first = ends.first.flatMap(day), let last = ends.last.flatMap(day) {
                var current = first
                days[current] = true
                while current != last {
                    current = (current + 1) % 7
                    days[current] = true
                }
            } else {
                return nil
            }
        }
        return days
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text.lowercased()
    }

    private static func day(_ name: String) -> Int? {
        names.firstIndex { $0 == name || $0.prefix(3) == name }
    }
}
