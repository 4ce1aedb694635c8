#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Classes of bytes in HTTP grammar, decided without tables so that nothing needs lazy initialisation on the hot path.
enum ByteClass {
    static let cr: UInt8 = 0x0D
    static let lf: UInt8 = 0x0A
    static let space: UInt8 = 0x20
    static let tab: UInt8 = 0x09

    /// `tchar` of RFC 9110 section 5.6.2.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        // One bit per ASCII byte: bits of 0x00-0x3F, then bits of 0x40-0x7F.
        let low: UInt64 = 0x03FF_6CFA_0000_0000
        let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        let word = byte < 0x40 ? low : high
        return byte < 0x80 && (word >> UInt64(byte & 0x3F)) & 1 == 1
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 26 }

    /// Printable ASCII without the space.
    @inline(__always)
    static func isVisible(_ byte: UInt8) -> Bool { byte &- 0x21 < 0x5E }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// What a field name's byte becomes when an application server turns names into variables: case is lost, and so is every
    /// difference between `-`, `_`, `.` and the other marks.
    @inline(__always)
    static func folded(_ byte: UInt8) -> UInt8 {
        let lower = byte | 0x20
        if lower &- 0x61 < 26 { return lower }
        return isDigit(byte) ? byte : 0x2D
    }

    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let lower = byte | 0x20
        return lower &- 0x61 < 6 ? lower &- 0x61 &+ 10 : nil
    }

    /// True when every byte may stand in a field value (RFC 9110 section 5.5): tab, space, visible ASCII, 0x80 and above.
    static func isFieldValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        while index &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let delete = word ^ (ones &* 0x7F)
            let suspicious = ((word &- ones &* 0x20) & ~word & tops) | ((delete &- ones) & ~delete & tops)
            if suspicious != 0, !isFieldValueBytewise(bytes, from: index, to: index &+ 8) { return false }
            index &+= 8
        }
        return isFieldValueBytewise(bytes, from: index, to: bytes.count)
    }

    private static func isFieldValueBytewise(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Bool {
        var index = start
        while index < end {
            let byte = bytes[index]
            if (byte < 0x20 && byte != tab) || byte == 0x7F { return false }
            index &+= 1
        }
        return true
    }

    /// Index of the first line feed in `start..<end`, or nil.
    @inline(__always)
    static func lineFeed(in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int? { first(lf, in: bytes, from: start, to: end) }

    /// Index of the first such byte in `start..<end`, or nil.
    @inline(__always)
    static func first(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int? {
        guard start < end, end <= bytes.count, let base = bytes.baseAddress else { return nil }
        // `start..<end` lies inside the buffer, which outlives the call.
        guard let found = memchr(base + start, Int32(byte), end - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// True when both hold the same bytes.
    @inline(__always)
    static func equals(_ bytes: UnsafeRawBufferPointer, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count == other.count else { return false }
        guard bytes.count > 0, let left = bytes.baseAddress, let right = other.baseAddress else { return true }
        // Both buffers hold `count` bytes and outlive the call.
        return memcmp(left, right, bytes.count) == 0
    }

    /// Compares without regard to ASCII case. `other` must be lower case.
    @inline(__always)
    static func equalsIgnoringCase(_ bytes: UnsafeRawBufferPointer, lowercase other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count == other.count else { return false }
        var index = 0
        while index < bytes.count {
            guard lowercased(bytes[index]) == other[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// As `equalsIgnoringCase`, eight bytes at a time. Sound only for a token and a name of small letters, digits and `-`: among the bytes
    /// of a token only the capital differs from a letter in nothing but bit 5, and digits and `-` have that bit set.
    @inline(__always)
    static func tokenEquals(_ token: UnsafeRawBufferPointer, lowercase name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        guard token.count == count, count > 1, let left = token.baseAddress else { return false }
        // Both hold `count` bytes: a literal of more than one character is stored as bytes, and lives as long as the program.
        let right = UnsafeRawPointer(name.utf8Start)
        var index = 0
        while index &+ 8 <= count {
            let word = left.loadUnaligned(fromByteOffset: index, as: UInt64.self) | 0x2020_2020_2020_2020
            guard word == right.loadUnaligned(fromByteOffset: index, as: UInt64.self) else { return false }
            index &+= 8
        }
        while index < count {
            let byte = left.load(fromByteOffset: index, as: UInt8.self) | 0x20
            guard byte == right.load(fromByteOffset: index, as: UInt8.self) else { return false }
            index &+= 1
        }
        return true
    }
}
