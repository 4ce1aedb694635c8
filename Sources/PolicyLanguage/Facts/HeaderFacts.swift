/// The request's header fields, searched only when a criterion asks.
///
/// Holds the field section as it stands on the wire in HTTP/1 (`Name: value` lines), so that nothing is copied or indexed for the many policies that
/// read no header.
public struct HeaderFacts: Sendable {
    private let section: FactText

    public static let none = HeaderFacts([], 0..<0)

    /// A field section inside a request head that was already checked (RFC 9112 section 5): lines ended by CRLF, no obsolete folding.
    public init(_ storage: [UInt8], _ range: Range<Int>) {
        section = FactText(storage, range)
    }

    /// Copies fields that do not stand in one buffer. Line breaks inside names and values are dropped, so no field can make another.
    public init(_ fields: [(name: String, value: String)]) {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes += name.utf8.filter { $0 != 0x0D && $0 != 0x0A && $0 != 0x3A }
            bytes += [0x3A, 0x20]
            bytes += value.utf8.filter { $0 != 0x0D && $0 != 0x0A }
            bytes += [0x0D, 0x0A]
        }
        self.init(bytes, 0..<bytes.count)
    }

    /// The value of the first field of this name, without the white space around it; nil if there is none. Names are compared without case.
    public func value(_ name: FactText) -> FactText? {
        var start = 0
        while start < section.count {
            var end = start
            var colon: Int?
            while end < section.count, section[end] != 0x0A {
                if colon == nil, section[end] == 0x3A { colon = end }
                end += 1
            }
            if let colon, section.slice(start..<colon).equalsIgnoringASCIICase(name) {
                return trimmed(colon + 1..<end)
            }
            start = end + 1
        }
        return nil
    }

    private func trimmed(_ range: Range<Int>) -> FactText {
        var lower = range.lowerBound
        var upper = range.upperBound
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        while lower < upper, isBlank(section[lower]) { lower += 1 }
        while upper > lower, isBlank(section[upper - 1]) { upper -= 1 }
        return section.slice(lower..<upper)
    }
}
