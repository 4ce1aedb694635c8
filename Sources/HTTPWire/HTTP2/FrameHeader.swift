/// The types of frames that RFC 9113 section 6 defines.
enum FrameType: UInt8 {
    case data = 0
    case headers = 1
    case priority = 2
    case resetStream = 3
    case settings = 4
    case pushPromise = 5
    case ping = 6
    case goAway = 7
    case windowUpdate = 8
    case continuation = 9
}

enum FrameFlags {
    static let acknowledgement: UInt8 = 0x1
    static let endStream: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8
    static let priority: UInt8 = 0x20
}

/// The nine bytes in front of every frame (RFC 9113 section 4.1).
struct FrameHeader {
    static let size = 9
    /// What both sides take without having said anything (RFC 9113 section 4.2); more is never asked for, and never sent.
    static let maxPayload = 16 * 1024
    /// The largest window (RFC 9113 section 6.9.1) and the largest stream id.
    static let maxValue = 0x7FFF_FFFF

    var length: Int
    /// Nil for types that are to be ignored.
    var type: FrameType?
    var flags: UInt8
    var streamID: UInt32

    init(length: Int, type: FrameType, flags: UInt8 = 0, streamID: UInt32 = 0) {
        self.length = length
        self.type = type
        self.flags = flags
        self.streamID = streamID
    }

    /// `bytes` has at least nine.
    init(_ bytes: UnsafeRawBufferPointer) {
        length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
        type = FrameType(rawValue: bytes[3])
        flags = bytes[4]
        streamID = bytes.integer(at: 5) & 0x7FFF_FFFF
    }

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

    /// The first eight bytes as a number; the ninth is the low byte of the stream.
    var leadingBytes: UInt64 { UInt64(length) << 40 | UInt64(type?.rawValue ?? 0xFF) << 32 | UInt64(flags) << 24 | UInt64(streamID >> 8) }
}

extension UnsafeRawBufferPointer {
    /// Four bytes in network order.
    func integer(at offset: Int) -> UInt32 { UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
}

extension [UInt8] {
    mutating func append(_ header: FrameHeader) {
        Swift.withUnsafeBytes(of: header.leadingBytes.bigEndian) { append(contentsOf: $0) }
        append(UInt8(truncatingIfNeeded: header.streamID))
    }

    mutating func append(integer value: UInt32) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func append(setting identifier: UInt16, _ value: Int) {
        append(UInt8(truncatingIfNeeded: identifier >> 8))
        append(UInt8(truncatingIfNeeded: identifier))
        append(integer: UInt32(clamping: value))
    }
}
