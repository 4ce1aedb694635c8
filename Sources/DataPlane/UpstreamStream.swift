import HTTPWire
import NIOCore

/// The upstream's side of one request, whatever is spoken there: an HTTP/1.1 connection, a stream of an HTTP/2 connection, or a plain TCP
/// connection. What comes back is reported to the exchange that began it.
protocol UpstreamStream: FlushedConnection {
    /// `10.0.0.5:8080`, for the access log.
    var address: String { get }
    var isWritable: Bool { get }

    /// Takes a request. `write` serialises its head in the form of HTTP/1.1, and returns false where that cannot be.
    func begin(_ exchange: UpstreamExchange, request: UpstreamRequest, head write: (inout ByteBuffer) -> Bool) -> Bool
    /// Content, in the framing that was announced; bytes as they are in a tunnel. It leaves with the next flush.
    func sendBody(_ part: ByteBuffer)
    /// The request is complete; in a tunnel, the client has closed its half. `trailers` are serialised fields.
    func sendEnd(trailers: [UInt8])

    func pauseReading()
    func resumeReading()

    /// The exchange is complete; the connection may serve another one.
    func releaseToPool(snapshot: DataPlaneSnapshot)
    /// It was made for an exchange that is over.
    func offerUnused(snapshot: DataPlaneSnapshot)
    /// Ends what is under way.
    func close()
}

/// What an upstream connection must know of a request besides its head.
struct UpstreamRequest {
    var method: RequestMethodKind
    var framing: BodyFraming
    /// Content follows, or may follow.
    var hasBody: Bool
    /// The client understands trailers, which some applications insist on (gRPC).
    var wantsTrailers: Bool
}
