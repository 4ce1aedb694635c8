/// RFC 3339 text in UTC with milliseconds, as all log lines carry it: `2026-01-31T23:59:59.123Z`.
public struct Timestamp: Sendable {
    private var second: Int64 = .min
    private var text: [UInt8] = []

    public init() {}

    /// The text, valid for the duration of the call; the part up to the second is made once a second.
    mutating func withText<Result>(nanoseconds: Int64, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let (seconds, milliseconds) = Self.split(nanoseconds)
        if seconds != second {
            second = seconds
            text = Self.text(seconds: seconds) + Array(".000Z".utf8)
        }
        let digits = text.count - 4
        text[digits] = UInt8(ascii: "0") + UInt8(milliseconds / 100)
        text[digits + 1] = UInt8(ascii: "0") + UInt8(milliseconds / 10 % 10)
        text[digits + 2] = UInt8(ascii: "0") + UInt8(milliseconds % 10)
        return text.withUnsafeBytes(body)
    }

    public static func text(nanoseconds: Int64) -> String {
        var timestamp = Timestamp()
        return timestamp.withText(nanoseconds: nanoseconds) { String(decoding: $0, as: UTF8.self) }
    }

    private static func split(_ nanoseconds: Int64) -> (seconds: Int64, milliseconds: Int64) {
        let seconds = nanoseconds / 1_000_000_000 - (nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
        return (seconds, (nanoseconds - seconds * 1_000_000_000) / 1_000_000)
    }

    /// `YYYY-MM-DDTHH:MM:SS` by the civil-from-days rule of the proleptic Gregorian calendar.
    private static func text(seconds: Int64) -> [UInt8] {
        let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
        let time = seconds - days * 86400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        var out: [UInt8] = []
        func digits(_ value: Int64, _ width: Int) {
            var divisor: Int64 = 1
            for _ in 1..<width { divisor *= 10 }
            var value = value
            while divisor > 0 {
                out.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
                value %= divisor
                divisor /= 10
            }
        }
        digits(year, 4)
        out.append(UInt8(ascii: "-"))
        digits(month, 2)
        out.append(UInt8(ascii: "-"))
        digits(day, 2)
        out.append(UInt8(ascii: "T"))
        digits(time / 3600, 2)
        out.append(UInt8(ascii: ":"))
        digits(time / 60 % 60, 2)
        out.append(UInt8(ascii: ":"))
        digits(time % 60, 2)
        return out
    }
}
