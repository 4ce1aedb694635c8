/// A text of the request, held as a range of the bytes it arrived in.
///
/// Making one from a buffer that exists already copies nothing, and comparing it allocates nothing: a policy looks at method, path and e-mail on
/// every request. Equality is that of bytes, so two spellings that Unicode calls equivalent are different.
public struct FactText: Sendable {
    private let storage: [UInt8]
    private let lower: Int
    private let upper: Int

    public static let empty = FactText([], 0..<0)

    /// A part of `storage`; what lies outside of it is cut off.
    public init(_ storage: [UInt8], _ range: Range<Int>) {
        let range = range.clamped(to: 0..<storage.count)
        self.storage = storage
        self.lower = range.lowerBound
        self.upper = range.upperBound
    }

    /// All of `bytes`.
    public init(bytes: [UInt8]) {
        self.init(bytes, 0..<bytes.count)
    }

    /// Copies the string's UTF-8.
    public init(_ text: some StringProtocol) {
        self.init(bytes: Array(text.utf8))
    }

    public var count: Int { upper - lower }
    public var isEmpty: Bool { upper == lower }

    /// The byte at an offset from the text's own beginning; the offset must be less than ``count``.
    public subscript(offset: Int) -> UInt8 { storage[lower + offset] }

    /// A part of this text without a copy; offsets count from the text's own beginning, what lies outside is cut off.
    public func slice(_ range: Range<Int>) -> FactText {
        let range = range.clamped(to: 0..<count)
        return FactText(storage, lower + range.lowerBound..<lower + range.upperBound)
    }

    public func hasPrefix(_ prefix: FactText) -> Bool { matches(prefix, at: 0) }

    public func hasSuffix(_ suffix: FactText) -> Bool { matches(suffix, at: count - suffix.count) }

    public func contains(_ part: FactText) -> Bool {
        guard !part.isEmpty else { return true }
        guard part.count <= count else { return false }
        let first = part[0]
        for offset in 0...(count - part.count) where self[offset] == first && matches(part, at: offset) {
            return true
        }
        return false
    }

    /// The offset of the last occurrence of a byte.
    public func lastIndex(of byte: UInt8) -> Int? {
        var offset = count - 1
        while offset >= 0 {
            if self[offset] == byte { return offset }
            offset -= 1
        }
        return nil
    }

    /// With ASCII capitals made small, which is how DNS names compare.
    public var asciiLowercased: FactText {
        FactText(bytes: storage[lower..<upper].map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 })
    }

    /// Whether both are equal when ASCII letters are compared without case.
    public func equalsIgnoringASCIICase(_ other: FactText) -> Bool {
        guard count == other.count else { return false }
        for offset in 0..<count {
            var left = self[offset]
            var right = other[offset]
            if left >= 0x41, left <= 0x5A { left |= 0x20 }
            if right >= 0x41, right <= 0x5A { right |= 0x20 }
            if left != right { return false }
        }
        return true
    }

    /// The text with `%XX` decoded once; nil if an escape is cut short or is not hexadecimal (RFC 3986 section 2.1). Without escapes this is the text itself.
    public var percentDecoded: FactText? {
        guard contains(FactText(bytes: [0x25])) else { return self }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(count)
        var offset = 0
        while offset < count {
            guard self[offset] == 0x25 else {
                decoded.append(self[offset])
                offset += 1
                continue
            }
            guard offset + 2 < count, let high = Self.hexValue(self[offset + 1]), let low = Self.hexValue(self[offset + 2]) else { return nil }
            decoded.append(high << 4 | low)
            offset += 3
        }
        return FactText(bytes: decoded)
    }

    private func matches(_ part: FactText, at offset: Int) -> Bool {
        guard offset >= 0, offset + part.count <= count else { return false }
        for index in 0..<part.count where storage[lower + offset + index] != part.storage[part.lower + index] {
            return false
        }
        return true
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

extension FactText: Hashable {
    public static func == (lhs: FactText, rhs: FactText) -> Bool {
        lhs.count == rhs.count && lhs.matches(rhs, at: 0)
    }

    public static func == (lhs: FactText, rhs: String) -> Bool {
        lhs.storage[lhs.lower..<lhs.upper].elementsEqual(rhs.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        // The buffer does not leave the closure, and lower...upper lie inside the storage since `init` clamped them.
        storage.withUnsafeBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[lower..<upper])) }
    }
}

extension FactText: ExpressibleByStringLiteral, CustomStringConvertible {
    public init(stringLiteral value: String) { self.init(value) }

    /// A copy as a string; bytes that are not UTF-8 become U+FFFD.
    public var description: String { String(decoding: storage[lower..<upper], as: UTF8.self) }
}
