/// A moment, in nanoseconds since 1970-01-01T00:00:00Z without leap seconds.
///
/// Reaches from 1677 to 2262; a text beyond is taken as the nearest moment in that range, so that `9999-12-31` means "never ends".
public struct UnixTime: Sendable, Hashable, Comparable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Saturates outside of the range.
    public init(seconds: Int64, nanoseconds: Int64 = 0) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, beyond) = product.addingReportingOverflow(nanoseconds)
        self.nanoseconds = overflow || beyond ? (seconds < 0 ? .min : .max) : sum
    }

    /// Whole seconds, rounded down.
    public var seconds: Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    public static func < (lhs: UnixTime, rhs: UnixTime) -> Bool { lhs.nanoseconds < rhs.nanoseconds }
}

extension UnixTime {
    /// Reads an ISO 8601 date or date-time: `2024-05-01`, `2024-05-01T10:00`, `2024-05-01 10:00:00.5+02:00`, `…Z`.
    ///
    /// A text without a zone is UTC, a date alone is its midnight. Nil for anything else, and for days that do not exist.
    public init?(iso8601 text: String) {
        var reader = ISO8601Reader(FactText(text))
        guard let time = reader.read() else { return nil }
        self = time
    }

    /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension UnixTime: CustomStringConvertible {
    /// RFC 3339 in UTC, with a fraction only where there is one.
    public var description: String {
        let pad = { (value: Int, width: Int) in
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        var secondsOfDay = Int(seconds) % 86_400
        if secondsOfDay < 0 { secondsOfDay += 86_400 }
        let (year, month, day) = Self.date(ofDay: (Int(seconds) - secondsOfDay) / 86_400)
        var text = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
        text += "T\(pad(secondsOfDay / 3600, 2)):\(pad(secondsOfDay / 60 % 60, 2)):\(pad(secondsOfDay % 60, 2))"
        var fraction = nanoseconds % 1_000_000_000
        if fraction < 0 { fraction += 1_000_000_000 }
        if fraction != 0 {
            var digits = pad(Int(fraction), 9)
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        return text + "Z"
    }
}

private struct ISO8601Reader {
    private let text: FactText
    private var offset = 0

    init(_ text: FactText) {
        self.text = text
    }

    mutating func read() -> UnixTime? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2) else { return nil }
        guard (1...12).contains(month), (1...Self.daysIn(month: month, year: year)).contains(day) else { return nil }
        var seconds = UnixTime.days(year: year, month: month, day: day) * 86_400
        guard offset < text.count else { return UnixTime(seconds: Int64(seconds)) }
        guard take("T") || take("t") || take(" ") else { return nil }
        guard let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
        seconds += hour * 3600 + minute * 60
        var nanoseconds = 0
        if take(":") {
            guard let second = number(2), second <= 60 else { return nil }
            seconds += second
            if take(".") || take(",") {
                guard let fraction = fraction() else { return nil }
                nanoseconds = fraction
            }
        }
        guard let zone = zone(), offset == text.count else { return nil }
        return UnixTime(seconds: Int64(seconds - zone), nanoseconds: Int64(nanoseconds))
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < text.count, text[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func number(_ width: Int) -> Int? {
        guard offset + width <= text.count else { return nil }
        var value = 0
        for index in offset..<offset + width {
            guard text[index] >= 0x30, text[index] <= 0x39 else { return nil }
            value = value * 10 + Int(text[index] - 0x30)
        }
        offset += width
        return value
    }

    /// Nanoseconds; digits behind the ninth are dropped.
    private mutating func fraction() -> Int? {
        var value = 0
        var digits = 0
        while let digit = number(1) {
            if digits < 9 { value = value * 10 + digit }
            digits += 1
        }
        guard digits > 0 else { return nil }
        while digits < 9 {
            value *= 10
            digits += 1
        }
        return value
    }

    /// Seconds east of Greenwich.
    private mutating func zone() -> Int? {
        _ = take(" ")
        guard offset < text.count else { return 0 }
        if take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(2), hours < 24 else { return nil }
        guard offset < text.count else { return sign * hours * 3600 }
        _ = take(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
