/// The Date field (RFC 9110 section 5.6.7) of one event loop: written anew once a second.
struct HTTPDate {
    private var second = Int64.min
    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    private(set) var text: [UInt8] = []

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `nanoseconds` since 1970.
    mutating func update(nanoseconds: Int64) {
        let seconds = Int64((Double(nanoseconds) / 1_000_000_000).rounded(.down))
        guard seconds != second else { return }
        second = seconds
        text = Self.format(seconds)
    }

    /// By the civil-from-days rule of the proleptic Gregorian calendar.
    private static func format(_ seconds: Int64) -> [UInt8] {
        let (days, time) = floorDivide(seconds, 86_400)
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 2 : monthIndex - 10
        let year = yearOfEra + era * 400 + (month <= 1 ? 1 : 0)
        let weekday = Self.days[Int(floorDivide(days, 7).rest)]
        return Array(
            "\(weekday), \(two(day)) \(months[Int(month)]) \(year) \(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60)) GMT".utf8)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let rest = (value % divisor + divisor) % divisor
        return ((value - rest) / divisor, rest)
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
