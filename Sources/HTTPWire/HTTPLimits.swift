/// Bounds on what one HTTP/1.1 message may make the parser hold or walk through. All sizes are bytes.
public struct HTTPLimits: Sendable, Hashable {
    /// Start line and field section together, line ends included. More is answered 431.
    public var maxHeadBytes: Int
    /// Field lines in one section. More is answered 431.
    public var maxFields: Int
    /// The request target. A longer one is answered 414.
    public var maxTargetBytes: Int
    /// One chunk-size line with its extensions, without the line end.
    public var maxChunkLineBytes: Int
    /// The whole trailer section of a chunked message.
    public var maxTrailerBytes: Int
    /// The content of one message, chunk framing not counted. More is answered 413. Unlimited by default.
    public var maxBodyBytes: UInt64

    public init(
        maxHeadBytes: Int = 128 * 1024,
        maxFields: Int = 1000,
        maxTargetBytes: Int = 64 * 1024,
        maxChunkLineBytes: Int = 256,
        maxTrailerBytes: Int = 16 * 1024,
        maxBodyBytes: UInt64 = .max
    ) {
        self.maxHeadBytes = maxHeadBytes
        self.maxFields = maxFields
        self.maxTargetBytes = maxTargetBytes
        self.maxChunkLineBytes = maxChunkLineBytes
        self.maxTrailerBytes = maxTrailerBytes
        self.maxBodyBytes = maxBodyBytes
    }
}

extension HTTPLimits {
    /// Bytes of a method. Longer ones name no method that exists.
    static let maxMethodBytes = 32

    /// Bytes of a request line up to its line feed: method, two spaces, target, version and the carriage return.
    var maxRequestLineBytes: Int { Self.maxMethodBytes + 1 + maxTargetBytes + 1 + 8 + 1 }
}
