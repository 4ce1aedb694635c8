/// How the content of a message is delimited (RFC 9112 section 6).
public enum BodyFraming: Sendable, Hashable {
    case none
    /// Content-Length, in bytes.
    case length(UInt64)
    case chunked
    /// Everything until the peer closes; responses only.
    case untilClose
}

/// The form of a request target (RFC 9112 section 3.2).
public enum TargetForm: UInt8, Sendable, Hashable {
    case origin, absolute, authority, asterisk
}

/// The head of one request, as offsets into the bytes that arrived. Everything in it has passed the parser's checks:
/// exactly one valid Host, one unambiguous framing, clean names and values.
public struct RequestHead: FieldSectioned {
    public internal(set) var section = FieldSection()
    public internal(set) var method = ByteRange()
    /// The target as received.
    public internal(set) var target = ByteRange()
    public internal(set) var targetForm = TargetForm.origin
    /// Path and query in origin form, whatever form the target had: `/` at least, `*` for the asterisk form, empty for CONNECT.
    public internal(set) var originTarget = ByteRange()
    /// The part of `originTarget` before `?`.
    public internal(set) var path = ByteRange()
    /// The part of `originTarget` behind `?`; nil when there is none.
    public internal(set) var query: ByteRange?
    public internal(set) var minorVersion: UInt8 = 1
    /// The value of the Host field, which agrees with the authority of the target where that has one.
    public internal(set) var host = ByteRange()
    /// The parts of `host`.
    public internal(set) var authority: Authority?
    public internal(set) var bodyFraming = BodyFraming.none
    /// The connection may carry another request (RFC 9112 section 9.3).
    public internal(set) var isKeepAlive = true
    /// Expect: 100-continue.
    public internal(set) var expectsContinue = false
    /// The Connection field names `upgrade` and there is an Upgrade field.
    public internal(set) var isUpgrade = false
    /// The Connection field nominates fields of the sender's choice as hop-by-hop.
    public internal(set) var hasNominatedFields = false

    /// The scheme of an absolute-form target.
    var targetScheme: Scheme?

    public init() {}

    public var methodView: ByteView { view(method) }
    public var targetView: ByteView { view(target) }
    public var originTargetView: ByteView { view(originTarget) }
    public var pathView: ByteView { view(path) }
    /// Empty when there is no query.
    public var queryView: ByteView { view(query ?? ByteRange()) }
    /// Host and port as the client wrote them.
    public var hostView: ByteView { view(host) }
    /// The host without the port, as the client wrote it; brackets of an IPv6 address included.
    public var hostName: ByteView { view(authority?.host ?? ByteRange()) }
    public var port: UInt16? { authority?.port }
    public var isConnect: Bool { targetForm == .authority }

    /// Prepares for the next message and keeps the capacity.
    mutating func reset() {
        section.reset()
        originTarget = ByteRange()
        path = ByteRange()
        query = nil
        host = ByteRange()
        authority = nil
        targetScheme = nil
        bodyFraming = .none
        isKeepAlive = true
        expectsContinue = false
        isUpgrade = false
        hasNominatedFields = false
    }

    /// Parses one complete head that ends with its empty line and nothing behind, for heads that do not come from a connection.
    public static func parse(_ bytes: [UInt8], limits: HTTPLimits = HTTPLimits()) throws(WireError) -> RequestHead {
        var parser = RequestParser(limits: limits)
        let (consumed, event) = bytes.withUnsafeBytes { parser.consume($0) }
        switch event {
        case .failed(let error): throw error
        case .head where consumed == bytes.count: return parser.head
        case .head: throw .malformedRequestLine
        case .needMore, .body, .end: throw .truncated
        }
    }
}
