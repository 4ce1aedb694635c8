/// A range of offsets into the bytes of a head, half the size of `Range<Int>`.
public struct ByteRange: Sendable, Hashable {
    public let lower: Int32
    public let upper: Int32

    /// An empty range.
    @inlinable
    public init() {
        lower = 0
        upper = 0
    }

    /// Offsets that 32 bits cannot hold are cut off; heads are bounded far below.
    @inlinable
    public init(_ lower: Int, _ upper: Int) {
        self.lower = Int32(clamping: lower)
        self.upper = Int32(clamping: upper)
    }

    @inlinable
    public var count: Int { Int(upper) - Int(lower) }

    @inlinable
    public var isEmpty: Bool { upper == lower }

    @inlinable
    public var range: Range<Int> { Int(lower)..<Int(max(lower, upper)) }
}

/// One field line of a head, by offsets into the head's bytes.
public struct HeadField: Sendable, Hashable {
    public let name: ByteRange
    /// Without the white space around it.
    public let value: ByteRange
    /// Hash of the name with case and punctuation folded away; see `FieldFilter`.
    let foldedHash: UInt32
    public let known: KnownField
    /// The line reads exactly `name: value` CRLF, so that it can be forwarded as received.
    let isCanonical: Bool

    /// Offset just behind the line end, for canonical lines.
    var lineEnd: Int { Int(value.upper) + 2 }
}
