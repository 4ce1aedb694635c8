/// What is spoken on the connections of one pool.
enum UpstreamWire: Hashable {
    case http1
    /// HTTP/2 where the other side agrees to it in the TLS handshake, HTTP/1.1 otherwise.
    case negotiated
    /// HTTP/2 without asking.
    case http2
    /// No HTTP: a tunnel.
    case tcp

    /// Several requests may go over one connection at a time.
    var mayShare: Bool { self == .negotiated || self == .http2 }
}
