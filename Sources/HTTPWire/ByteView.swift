/// A range of bytes that somebody else received: the storage is shared, nothing is copied. Equality and hashing look at the bytes
/// alone and allocate nothing.
public struct ByteView: Sendable {
    /// The bytes that the view is a part of, for callers that keep ranges themselves.
    public let storage: [UInt8]
    @usableFromInline let lower: Int
    @usableFromInline let upper: Int

    /// The whole of `storage`.
    @inlinable
    public init(_ storage: [UInt8]) {
        self.storage = storage
        self.lower = 0
        self.upper = storage.count
    }

    /// The part of `storage` that `range` names; what lies outside of `storage` is cut off.
    @inlinable
    public init(_ storage: [UInt8], range: Range<Int>) {
        let clamped = range.clamped(to: 0..<storage.count)
        self.storage = storage
        self.lower = clamped.lowerBound
        self.upper = clamped.upperBound
    }

    /// A copy of the UTF-8 bytes of `string`.
    @inlinable
    public init(_ string: String) {
        self.init(Array(string.utf8))
    }

    /// No bytes.
    @inlinable
    public static var empty: ByteView { ByteView([]) }

    @inlinable
    public var count: Int { upper - lower }

    /// Where in ``storage`` the view lies.
    public var range: Range<Int> { lower..<upper }

    @inlinable
    public var isEmpty: Bool { upper == lower }

    /// The bytes as text; malformed UTF-8 is replaced by U+FFFD. Allocates.
    public var string: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    /// A copy of the bytes.
    public var array: [UInt8] { Array(storage[lower..<upper]) }

    /// The bytes, valid for the duration of the call.
    @inlinable
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        // `lower...upper` lies inside `storage`: both initialisers see to it.
        try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[lower..<upper])) }
    }

    /// A narrower view; `range` counts from this view's first byte, and what lies outside is cut off.
    @inlinable
    public func slice(_ range: Range<Int>) -> ByteView {
        let clamped = range.clamped(to: 0..<count)
        return ByteView(storage, range: lower + clamped.lowerBound..<lower + clamped.upperBound)
    }

    /// ASCII case does not matter.
    public func equalsIgnoringCase(_ other: StaticString) -> Bool {
        withUnsafeBytes { bytes in
            other.withUTF8Buffer { other in
                bytes.count == other.count && zip(bytes, other).allSatisfy { ByteClass.lowercased($0) == ByteClass.lowercased($1) }
            }
        }
    }

    /// ASCII case does not matter.
    public func equalsIgnoringCase(_ other: ByteView) -> Bool {
        withUnsafeBytes { bytes in
            other.withUnsafeBytes { other in
                bytes.count == other.count && zip(bytes, other).allSatisfy { ByteClass.lowercased($0) == ByteClass.lowercased($1) }
            }
        }
    }

    public func hasPrefix(_ prefix: StaticString) -> Bool {
        withUnsafeBytes { bytes in prefix.withUTF8Buffer { bytes.starts(with: $0) } }
    }

    public func hasPrefix(_ prefix: String) -> Bool {
        withUnsafeBytes { $0.starts(with: prefix.utf8) }
    }

    public func hasPrefix(_ prefix: ByteView) -> Bool {
        withUnsafeBytes { bytes in prefix.withUnsafeBytes { bytes.starts(with: $0) } }
    }
}

extension ByteView: RandomAccessCollection {
    @inlinable
    public var startIndex: Int { 0 }

    @inlinable
    public var endIndex: Int { count }

    @inlinable
    public subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < count, "index out of range")
        return storage[lower + position]
    }
}

extension ByteView: Hashable {
    public static func == (lhs: ByteView, rhs: ByteView) -> Bool {
        lhs.withUnsafeBytes { left in rhs.withUnsafeBytes { right in ByteClass.equals(left, right.assumingMemoryBound(to: UInt8.self)) } }
    }

    public static func == (lhs: ByteView, rhs: StaticString) -> Bool {
        lhs.withUnsafeBytes { left in rhs.withUTF8Buffer { right in ByteClass.equals(left, right) } }
    }

    public static func == (lhs: ByteView, rhs: String) -> Bool {
        lhs.withUnsafeBytes { left in
            rhs.utf8.withContiguousStorageIfAvailable { right in ByteClass.equals(left, right) } ?? left.elementsEqual(rhs.utf8)
        }
    }

    public static func != (lhs: ByteView, rhs: StaticString) -> Bool { !(lhs == rhs) }

    public static func != (lhs: ByteView, rhs: String) -> Bool { !(lhs == rhs) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension ByteView: CustomStringConvertible {
    public var description: String { string }
}
