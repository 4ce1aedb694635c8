import PolicyLanguage

/// A time of day, in nanoseconds since midnight.
struct WallTime: Hashable, Comparable, Sendable {
    let nanoseconds: Int64

    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Reads `15:04`, `15:04:05`, `15:04:05.999`, `3:04 PM`, `3:04PM`, `3 PM`, `3PM`; an hour may have one digit. Nil for anything else.
    init?(_ text: String) {
        var body = text.lowercased()[...]
        var noon: Int64?
        if body.hasSuffix("am") || body.hasSuffix("pm") {
            noon = body.hasSuffix("pm") ? 12 : 0
            body = body.dropLast(2)
            if body.last == " " { body.removeLast() }
        }
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard (noon == nil ? 2 : 1)...3 ~= parts.count, var hour = Self.number(parts[0], digits: 1...2) else { return nil }
        if let noon {
            guard 1...12 ~= hour else { return nil }
            hour = hour % 12 + noon
        }
        let minute = parts.count > 1 ? Self.number(parts[1], digits: 2...2) : 0
        var fraction: Int64? = 0
        var second: Int64? = 0
        if parts.count > 2 {
            let pieces = parts[2].split(separator: ".", omittingEmptySubsequences: false)
            second = Self.number(pieces[0], digits: 2...2)
            if pieces.count == 2 {
                fraction = Self.number(pieces[1], digits: 1...9).map { value in
                    (pieces[1].utf8.count..<9).reduce(value) { value, _ in value * 10 }
                }
            } else if pieces.count > 2 {
                return nil
            }
        }
        guard let minute, let second, let fraction, hour < 24, minute < 60, second < 60 else { return nil }
        nanoseconds = ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + fraction
    }

    static func < (lhs: WallTime, rhs: WallTime) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int64? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int64(text)
    }
}

extension WallTime: CustomStringConvertible {
    /// `15:04:05`, with a fraction only where there is one.
    var description: String {
        // A day of 1970 has the same clock.
        let moment = UnixTime(nanoseconds: nanoseconds).description
        return String(moment.dropFirst(11).dropLast())
    }
}
