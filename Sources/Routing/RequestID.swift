/// UUID version 4 (RFC 9562 section 5.4) of one request: in its log lines, on its error page, in `x-request-id`.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high & 0xffff_ffff_ffff_0fff | 0x4000
        self.low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    }

    public init(using generator: inout some RandomNumberGenerator) {
        self.init(high: generator.next(), low: generator.next())
    }

    /// Appends the 36 characters.
    public func append(to bytes: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        digits.withUTF8Buffer { table in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { text in
                var position = 0
                for index in 0..<32 {
                    if index == 8 || index == 12 || index == 16 || index == 20 {
                        text[position] = UInt8(ascii: "-")
                        position &+= 1
                    }
                    let word = index < 16 ? high : low
                    text[position] = table[Int(word >> UInt64(60 - (index % 16) * 4) & 15)]
                    position &+= 1
                }
                bytes.append(contentsOf: text)
            }
        }
    }

    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
