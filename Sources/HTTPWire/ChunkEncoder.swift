/// The chunked transfer coding (RFC 9112 section 7.1), for content that is relayed piece by piece.
public enum ChunkEncoder {
    /// The size line in front of `length` bytes of content. Zero writes nothing: it would end the message.
    public static func prefix(_ length: Int, into bytes: inout [UInt8]) {
        guard length > 0 else { return }
        var shift = (Int.bitWidth - length.leadingZeroBitCount - 1) & ~3
        while shift >= 0 {
            bytes.append(PercentDecoder.hexDigit(UInt8(truncatingIfNeeded: length >> shift) & 0x0F))
            shift -= 4
        }
        bytes.append(ByteClass.cr)
        bytes.append(ByteClass.lf)
    }

    /// What stands behind the content of every chunk.
    public static let suffix: StaticString = "\r\n"

    /// The last chunk of a message without trailers.
    public static let end: StaticString = "0\r\n\r\n"

    /// The last chunk of a message whose trailer section follows; that ends with an empty line.
    public static let endBeforeTrailers: StaticString = "0\r\n"
}
