public import PolicyLanguage
import Routing

/// A moment as people name it: `7d`, `12h30m` ago, or a date in ISO 8601.
public enum SinceText {
    /// Nil if it is neither.
    public static func parse(_ text: String, now: UnixTime) -> UnixTime? {
        if let moment = UnixTime(iso8601: text) { return moment }
        var rest = text
        var seconds: Int64 = 0
        if let end = text.firstIndex(of: "d"), let days = Int64(text[..<end]), 0...100_000 ~= days {
            seconds = days * 86_400
            rest = String(text[text.index(after: end)...])
            if rest.isEmpty { return UnixTime(seconds: now.seconds &- seconds) }
        }
        guard let duration = try? DurationText.parse(rest) else { return nil }
        let (moment, overflow) = now.nanoseconds.subtractingReportingOverflow(duration)
        return overflow ? nil : UnixTime(nanoseconds: moment &- seconds &* 1_000_000_000)
    }
}
