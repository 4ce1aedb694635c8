/// Durations as operators write them: `300ms`, `1h30m`, `1.5s`, in nanoseconds.
public enum DurationText {
    /// Why a text is no duration.
    public struct Problem: Error, Sendable, Equatable {
        public var message: String
        public var help: String?
    }

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ]

    /// A sequence of numbers with units, added up. `0` needs no unit; every other number does. Negative durations are refused, and so is
    /// what 64 bits cannot hold (292 years).
    public static func parse(_ text: String) throws(Problem) -> Int64 {
        if text == "0" || text == "+0" || text == "-0" { return 0 }
        guard !text.isEmpty else { throw Problem(message: "a duration must not be empty", help: "write for example 30s") }
        guard text.utf8.count <= 64 else { throw Problem(message: "a duration of more than 64 characters", help: nil) }
        if text.hasPrefix("-") { throw Problem(message: "a duration must not be negative: \(text)", help: "write 0 for no limit") }
        var rest = text.hasPrefix("+") ? text.dropFirst() : text[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let scale = units.first(where: { $0.name == unit })?.nanoseconds else {
                guard unit.isEmpty else {
                    throw Problem(message: "unknown unit \"\(unit)\" in the duration \(text)", help: "the units are ns, us, ms, s, m and h")
                }
                throw Problem(message: "missing unit in the duration \(text)", help: "write \(text)s for seconds")
            }
            guard let part = nanoseconds(number, scale: scale) else {
                throw Problem(message: "invalid duration \(text)", help: "write for example 30s")
            }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { throw Problem(message: "the duration \(text) is too long", help: nil) }
            total = sum
        }
        return total
    }

    private static func nanoseconds(_ number: Substring, scale: Int64) -> Int64? {
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, number.contains(where: \.isNumber) else { return nil }
        guard let whole = parts[0].isEmpty ? 0 : Int64(parts[0]) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            var unit = scale
            for digit in parts[1] {
                unit /= 10
                fraction += unit * Int64(digit.wholeNumberValue ?? 0)
            }
        }
        let (sum, carried) = product.addingReportingOverflow(fraction)
        return carried ? nil : sum
    }

    /// The shortest spelling: `5m`, `1h30m`, `250ms`; what is smaller than a second is one number, larger fractions are not lost.
    public static func format(_ nanoseconds: Int64) -> String {
        guard nanoseconds > 0 else { return "0" }
        var rest = nanoseconds
        var text = ""
        for (name, scale) in units.reversed() where name != "µs" && name != "μs" && rest >= scale {
            text += "\(rest / scale)\(name)"
            rest %= scale
        }
        return text
    }
}
