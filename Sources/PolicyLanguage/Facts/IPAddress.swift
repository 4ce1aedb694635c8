/// An IPv4 or IPv6 address in sixteen bytes.
///
/// An IPv4 address is held in its IPv4-mapped form (RFC 4291 section 2.5.5.2), so `10.0.0.1` and `::ffff:10.0.0.1` are equal. Zones are not part of
/// an address.
public struct IPAddress: Sendable, Hashable {
    /// The first eight bytes in network order.
    public let high: UInt64
    /// The last eight bytes in network order.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An IPv4 address from its 32 bits in network order.
    public init(v4 bits: UInt32) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(bits))
    }

    /// Reads the textual form; nil for anything else, in particular leading zeros in IPv4 numbers (`010.0.0.1`), zones (`fe80::1%eth0`), brackets,
    /// ports and surrounding spaces.
    public init?(_ text: String) {
        self.init(FactText(text))
    }

    /// As ``init(_:)-(String)``.
    public init?(_ text: FactText) {
        guard let address = IPAddressParser.address(text) else { return nil }
        self = address
    }

    public var isV4: Bool { high == 0 && low >> 32 == 0xFFFF }
}

extension IPAddress {
    /// Appends ``description``, for IPv4 without making it.
    public func append(to bytes: inout [UInt8]) {
        guard isV4 else { return bytes.append(contentsOf: description.utf8) }
        for shift in stride(from: UInt64(24), through: 0, by: -8) {
            let octet = UInt8(truncatingIfNeeded: low >> shift)
            if octet >= 100 { bytes.append(UInt8(ascii: "0") + octet / 100) }
            if octet >= 10 { bytes.append(UInt8(ascii: "0") + octet / 10 % 10) }
            bytes.append(UInt8(ascii: "0") + octet % 10)
            if shift > 0 { bytes.append(UInt8(ascii: ".")) }
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted for IPv4, RFC 5952 for IPv6.
    public var description: String {
        if isV4 { return [24, 16, 8, 0].map { String((low >> UInt64($0)) & 0xFF) }.joined(separator: ".") }
        let groups = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(16 * (3 - index % 4)))
        }
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(1, longest.count) { longest = start..<end }
            start = max(end, start + 1)
        }
        let hex = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        if longest.isEmpty { return hex(groups[...]) }
        return hex(groups[..<longest.lowerBound]) + "::" + hex(groups[longest.upperBound...])
    }
}

enum IPAddressParser {
    static func address(_ text: FactText) -> IPAddress? {
        guard text.count >= 2, text.count <= 45 else { return nil }
        for offset in 0..<text.count where text[offset] == UInt8(ascii: ":") {
            return v6(text)
        }
        return v4(text).map(IPAddress.init(v4:))
    }

    static func v4(_ text: FactText) -> UInt32? {
        var bits: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var dots = 0
        for offset in 0..<text.count {
            switch text[offset] {
            case let byte where byte >= 0x30 && byte <= 0x39:
                if digits > 0, octet == 0 { return nil }
                octet = octet * 10 + UInt32(byte - 0x30)
                digits += 1
                if octet > 255 { return nil }
            case UInt8(ascii: "."):
                if digits == 0 || dots == 3 { return nil }
                bits = bits << 8 | octet
                (octet, digits, dots) = (0, 0, dots + 1)
            default:
                return nil
            }
        }
        guard dots == 3, digits > 0 else { return nil }
        return bits << 8 | octet
    }

    /// Groups before `::` fill the address from the left; those after it are moved to the right end.
    private static func v6(_ text: FactText) -> IPAddress? {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var groups = 0
        var gap: Int?
        let put = { (value: UInt64, index: Int) in
            if index < 4 { high |= value << UInt64(48 - 16 * index) } else { low |= value << UInt64(48 - 16 * (index - 4)) }
        }
        var offset = 0
        while offset < text.count {
            if text[offset] == UInt8(ascii: ":") {
                if offset + 1 < text.count, text[offset + 1] == UInt8(ascii: ":") {
                    guard gap == nil else { return nil }
                    gap = groups
                    offset += 2
                    if offset < text.count, text[offset] == UInt8(ascii: ":") { return nil }
                    continue
                }
                guard groups > 0, gap != groups else { return nil }
                offset += 1
                if offset == text.count { return nil }
            }
            var end = offset
            while end < text.count, text[end] != UInt8(ascii: ":") { end += 1 }
            let part = text.slice(offset..<end)
            if end == text.count, part.contains(FactText(bytes: [0x2E])) {
                guard groups <= 6, let bits = v4(part) else { return nil }
                put(UInt64(bits >> 16), groups)
                put(UInt64(bits & 0xFFFF), groups + 1)
                groups += 2
            } else {
                guard groups < 8, !part.isEmpty, part.count <= 4 else { return nil }
                var value: UInt64 = 0
                for index in 0..<part.count {
                    guard let digit = FactText.hexValue(part[index]) else { return nil }
                    value = value << 4 | UInt64(digit)
                }
                put(value, groups)
                groups += 1
            }
            offset = end
        }
        guard let gap else { return groups == 8 ? IPAddress(high: high, low: low) : nil }
        guard groups < 8 else { return nil }
        return IPAddress(high: high, low: low).movingGroups(from: gap, upTo: groups)
    }
}

extension IPAddress {
    /// Moves the groups `from..<upTo` to the right end and leaves zeros in their place.
    fileprivate func movingGroups(from gap: Int, upTo groups: Int) -> IPAddress {
        let bits = UInt128(high) << 64 | UInt128(low)
        let tailBits = 16 * (groups - gap)
        guard tailBits > 0 else { return self }
        let tail = (bits >> UInt128(128 - 16 * groups)) & ((UInt128(1) << UInt128(tailBits)) - 1)
        let head = gap == 0 ? 0 : bits & (UInt128.max << UInt128(128 - 16 * gap))
        let moved = head | tail
        return IPAddress(high: UInt64(truncatingIfNeeded: moved >> 64), low: UInt64(truncatingIfNeeded: moved))
    }
}
