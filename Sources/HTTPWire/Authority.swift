/// `host [":" port]` of RFC 3986 section 3.2, without user information, by offsets into the bytes it was read from.
/// A host is a name of letters, digits, `-`, `.`, `_` and `~`, an IPv4 address, or an IPv6 address in brackets; the port is 1 to 65535.
public struct Authority: Sendable, Hashable {
    /// Brackets of an IPv6 address included.
    public let host: ByteRange
    public let port: UInt16?

    /// Nil when the syntax is broken.
    init?(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard let first = range.first else { return nil }
        var index = first
        if bytes[first] == 0x5B {
            guard let close = range.first(where: { bytes[$0] == 0x5D }) else { return nil }
            guard Self.isIPv6(UnsafeRawBufferPointer(rebasing: bytes[first + 1..<close])) else { return nil }
            index = close + 1
        } else {
            while index < range.upperBound, Self.isNameByte(bytes[index]) { index += 1 }
            guard index > first, index - first <= 255 else { return nil }
        }
        host = ByteRange(first, index)
        guard index < range.upperBound else {
            port = nil
            return
        }
        guard bytes[index] == 0x3A else { return nil }
        guard let number = Self.port(UnsafeRawBufferPointer(rebasing: bytes[index + 1..<range.upperBound])) else { return nil }
        port = number
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        ByteClass.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
    }

    private static func port(_ digits: UnsafeRawBufferPointer) -> UInt16? {
        guard (1...5).contains(digits.count), digits.allSatisfy(ByteClass.isDigit) else { return nil }
        let number = digits.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
        return number == 0 ? nil : UInt16(exactly: number)
    }

    /// RFC 4291 section 2.2: eight groups, or fewer with one `::`; the last two groups may be an IPv4 address.
    private static func isIPv6(_ text: UnsafeRawBufferPointer) -> Bool {
        var groups = 0
        var compressed = false
        var index = 0
        if text.count >= 2, text[0] == 0x3A {
            guard text[1] == 0x3A else { return false }
            compressed = true
            index = 2
        }
        while index < text.count {
            let start = index
            while index < text.count, ByteClass.hexValue(text[index]) != nil { index += 1 }
            if index < text.count, text[index] == 0x2E {
                guard isIPv4(UnsafeRawBufferPointer(rebasing: text[start...])) else { return false }
                groups += 2
                return compressed ? groups < 8 : groups == 8
            }
            guard (1...4).contains(index - start) else { return false }
            groups += 1
            guard index < text.count else { break }
            guard text[index] == 0x3A, index + 1 < text.count else { return false }
            index += 1
            if text[index] == 0x3A {
                guard !compressed else { return false }
                compressed = true
                index += 1
            }
        }
        return compressed ? groups < 8 : groups == 8
    }

    private static func isIPv4(_ text: UnsafeRawBufferPointer) -> Bool {
        var parts = 0
        var value: UInt32 = 0
        var digits = 0
        for byte in text {
            if byte == 0x2E {
                guard digits > 0 else { return false }
                parts += 1
                value = 0
                digits = 0
            } else {
                guard ByteClass.isDigit(byte), digits < 3 else { return false }
                value = value * 10 + UInt32(byte - 0x30)
                digits += 1
                guard value <= 255 else { return false }
            }
        }
        return parts == 3 && digits > 0
    }
}
