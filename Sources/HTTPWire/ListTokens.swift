/// The members of a comma-separated list (RFC 9110 section 5.6.1), without white space around them; empty members are skipped.
struct ListTokens: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    mutating func next() -> UnsafeRawBufferPointer? {
        while position < end {
            var start = position
            var stop = start
            while stop < end, bytes[stop] != 0x2C { stop &+= 1 }
            position = stop + 1
            while start < stop, ByteClass.isBlank(bytes[start]) { start &+= 1 }
            while stop > start, ByteClass.isBlank(bytes[stop - 1]) { stop &-= 1 }
            if start < stop { return UnsafeRawBufferPointer(rebasing: bytes[start..<stop]) }
        }
        return nil
    }
}
