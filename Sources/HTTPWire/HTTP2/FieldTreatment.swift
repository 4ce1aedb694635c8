/// What becomes of a field that was written for HTTP/1.1 when it leaves over HTTP/2, towards clients and towards applications.
public enum FieldTreatment: Sendable {
    case ordinary
    /// Kept out of compression state, where its length could be probed (RFC 7541 section 7.1).
    case secret
    /// Speaks about a connection; HTTP/2 has none of them (RFC 9113 section 8.2.2).
    case dropped

    /// `name` is a token.
    public init(of name: UnsafeRawBufferPointer) {
        let known = KnownField.recognise(name)
        if known.isConnectionSpecific {
            self = .dropped
            return
        }
        switch known {
        case .setCookie, .authorization: self = .secret
        case .xPomerium: self = ByteClass.tokenEquals(name, lowercase: "x-pomerium-jwt-assertion") ? .secret : .ordinary
        case .other:
            let isDropped = ByteClass.tokenEquals(name, lowercase: "http2-settings") || ByteClass.tokenEquals(name, lowercase: "sec-websocket-accept")
            self = isDropped ? .dropped : .ordinary
        default: self = .ordinary
        }
    }
}
