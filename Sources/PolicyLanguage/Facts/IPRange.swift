/// A block of addresses in CIDR notation (RFC 4632), or a single address.
///
/// Bits behind the prefix are ignored: `10.1.2.3/8` is `10.0.0.0/8`. IPv4 addresses are in IPv4 blocks and in blocks of their IPv4-mapped form, not in
/// wider IPv6 blocks such as `::/0`.
public struct IPRange: Sendable, Hashable {
    public let base: IPAddress
    /// Bits that must agree, counted in the 128-bit form: 96 more than written for IPv4.
    public let prefixLength: Int

    /// `prefixLength` counts in the 128-bit form and is clamped to 0…128.
    public init(_ address: IPAddress, prefixLength: Int) {
        let length = min(max(prefixLength, 0), 128)
        self.prefixLength = length
        self.base = IPAddress(high: address.high & Self.highMask(length), low: address.low & Self.lowMask(length))
    }

    /// Reads `address` or `address/length`; nil for anything else, in particular a length with a leading zero or beyond the address family's.
    public init?(_ text: String) {
        let text = FactText(text)
        guard let slash = text.lastIndex(of: UInt8(ascii: "/")) else {
            guard let address = IPAddress(text) else { return nil }
            self.init(address, prefixLength: 128)
            return
        }
        let digits = text.slice(slash + 1..<text.count)
        let addressText = text.slice(0..<slash)
        guard let address = IPAddress(addressText), (1...3).contains(digits.count), digits.count == 1 || digits[0] != 0x30 else { return nil }
        var length = 0
        for offset in 0..<digits.count {
            guard digits[offset] >= 0x30, digits[offset] <= 0x39 else { return nil }
            length = length * 10 + Int(digits[offset] - 0x30)
        }
        let dotted = addressText.lastIndex(of: UInt8(ascii: ":")) == nil
        guard length <= (dotted ? 32 : 128) else { return nil }
        self.init(address, prefixLength: dotted ? length + 96 : length)
    }

    public func contains(_ address: IPAddress) -> Bool {
        if prefixLength < 96, address.isV4 { return false }
        return address.high & Self.highMask(prefixLength) == base.high && address.low & Self.lowMask(prefixLength) == base.low
    }

    private static func highMask(_ length: Int) -> UInt64 { length >= 64 ? .max : ~(.max >> UInt64(length)) }

    private static func lowMask(_ length: Int) -> UInt64 { length >= 128 ? .max : length <= 64 ? 0 : ~(.max >> UInt64(length - 64)) }
}

extension IPRange: CustomStringConvertible {
    public var description: String {
        if prefixLength == 128 { return base.description }
        return base.isV4 && prefixLength >= 96 ? "\(base)/\(prefixLength - 96)" : "\(base)/\(prefixLength)"
    }
}
