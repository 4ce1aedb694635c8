import Diagnostics
import PolicyLanguage

/// `time_of_day`: the wall-clock time of the request in `timezone` lies strictly after `after` and strictly before `before`; either may be left out.
///
/// Where `after` is later than `before` the window runs over midnight: `{after: 10 PM, before: 6 AM}` is the night.
struct TimeOfDayCriterion: Criterion {
    static let name = "time_of_day"
    static let summary = "the time of day of the request"
    static let dependencies: PolicyDependencies = .time

    private let after: WallTime?
    private let before: WallTime?
    private let clock: LocalClock
    private let timezone: String

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        var reader = ObjectReader(source.data, subject: "time_of_day criterion")
        let timezone = reader.string("timezone")
        let clock = reader.converted("timezone", "the name of a time zone") { LocalClock(identifier: $0) }
        let after = reader.converted("after", "a time such as 15:04 or 3:04 PM") { WallTime($0) }
        let before = reader.converted("before", "a time such as 15:04 or 3:04 PM") { WallTime($0) }
        if source.data.mapping != nil, reader.value("timezone") == nil {
            reader.problem("time_of_day needs a timezone", at: source.data.position)
        }
        if source.data.mapping != nil, reader.value("after") == nil, reader.value("before") == nil {
            reader.problem("time_of_day needs after or before", at: source.data.position)
        }
        let problems = reader.finished()
        report.merge(problems)
        guard !problems.hasErrors, let clock, let timezone else { return nil }
        if let after, after == before {
            report.warning("never-passes", "no time lies after and before \(after)", at: source.data.position)
        }
        self.after = after
        self.before = before
        self.clock = clock
        self.timezone = timezone
    }

    var wanted: String {
        [after.map { "after \($0)" }, before.map { "before \($0)" }].compactMap(\.self).joined(separator: " and ") + " in \(timezone)"
    }

    func seen(_ facts: RequestFacts) -> String {
        WallTime(nanoseconds: clock.nanosecondsOfDay(at: facts.now)).description
    }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        let time = WallTime(nanoseconds: clock.nanosecondsOfDay(at: facts.now))
        let isLate = after.map { time > $0 } ?? true
        let isEarly = before.map { time < $0 } ?? true
        if let after, let before, after > before { return .choose(isLate || isEarly, .timeOfDayOK, .timeOfDayUnauthorized) }
        return .choose(isLate && isEarly, .timeOfDayOK, .timeOfDayUnauthorized)
    }
}
