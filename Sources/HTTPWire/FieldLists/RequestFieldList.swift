/// Makes a ``RequestHead`` from the field list of an HTTP/2 request (RFC 9113 section 8.3.1): add the fields in order, then finish.
///
/// An extended CONNECT (RFC 8441) becomes the upgrade request that HTTP/1.1 has for the same purpose.
public struct RequestFieldList: Sendable {
    public struct Request: Sendable {
        public var head: RequestHead
        /// The stream asks for another protocol by extended CONNECT; success is a 2xx head instead of 101.
        public var isExtendedConnect: Bool
    }

    private var fields = FieldListText()
    private var method: String?
    private var scheme: String?
    private var path: String?
    private var authority: String?
    private var extendedProtocol: String?
    private var host: String?
    private var hasLength = false
    private var hasRegularField = false
    private var count = 0
    private let limits: HTTPLimits

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    public mutating func add(name: String, value: String) throws(WireError) {
        if name.utf8.first == UInt8(ascii: ":") { return try addPseudo(name, value) }
        hasRegularField = true
        count += 1
        guard count <= limits.maxFields else { throw .tooManyFields }
        switch name {
        case "host":
            guard host == nil else { throw .severalHosts }
            host = value
            return
        case "content-length":
            guard !hasLength else { throw .severalContentLengths }
            hasLength = true
        case "sec-websocket-key" where extendedProtocol == "websocket":
            // Has no meaning here (RFC 8441 section 5); beside ours it would be a second one.
            return
        case "te":
            guard value == "trailers" else { throw .invalidConnectionField }
        default:
            guard !FieldListText.isConnectionSpecific(name) else { throw .invalidConnectionField }
        }
        try fields.append(name: name, value: value, limit: limits.maxHeadBytes)
    }

    private mutating func addPseudo(_ name: String, _ value: String) throws(WireError) {
        guard !hasRegularField else { throw .malformedRequestLine }
        let isNew: Bool
        switch name {
        case ":method": (isNew, method) = (method == nil, value)
        case ":scheme": (isNew, scheme) = (scheme == nil, value)
        case ":path": (isNew, path) = (path == nil, value)
        case ":authority": (isNew, authority) = (authority == nil, value)
        case ":protocol": (isNew, extendedProtocol) = (extendedProtocol == nil, value)
        default: isNew = false
        }
        guard isNew else { throw .malformedRequestLine }
    }

    /// - Parameters:
    ///   - endsStream: the request has no content.
    ///   - webSocketKey: the value of the Sec-WebSocket-Key that HTTP/1.1 needs and HTTP/2 does not have.
    public func finish(endsStream: Bool, webSocketKey: () -> String) throws(WireError) -> Request {
        guard let method, FieldListText.isToken(method) else { throw .malformedRequestLine }
        let isConnect = method == "CONNECT"
        let isExtended = isConnect && extendedProtocol != nil
        guard isConnect || extendedProtocol == nil else { throw .malformedRequestLine }

        var text = FieldListText()
        if isConnect, !isExtended {
            guard scheme == nil, path == nil else { throw .malformedRequestLine }
            text.append("CONNECT ")
            text.append(try checkedAuthority())
        } else {
            guard scheme == "https" || scheme == "http" else { throw .malformedRequestLine }
            text.append(isExtended ? "GET" : method)
            text.append(" ")
            text.append(try checkedPath(method: method))
        }
        text.append(" HTTP/1.1\r\nhost: ")
        text.append(try checkedAuthority())
        text.append("\r\n")
        if isExtended {
            guard let extendedProtocol, FieldListText.isToken(extendedProtocol), !endsStream, !hasLength else { throw .malformedRequestLine }
            text.append("connection: upgrade\r\nupgrade: ")
            text.append(extendedProtocol)
            if extendedProtocol == "websocket" {
                text.append("\r\nsec-websocket-key: ")
                text.append(webSocketKey())
            }
            text.append("\r\n")
        } else if !endsStream, !hasLength, !isConnect {
            text.append("transfer-encoding: chunked\r\n")
        }
        let bytes = text.bytes + fields.bytes + [0x0D, 0x0A]
        guard bytes.count <= limits.maxHeadBytes else { throw .headTooLarge }
        return Request(head: try RequestHead.parse(bytes, limits: limits), isExtendedConnect: isExtended)
    }

    /// RFC 9113 section 8.3.1: Host, where it is there too, must not disagree with `:authority`.
    private func checkedAuthority() throws(WireError) -> String {
        guard let given = authority ?? host else { throw .missingHost }
        if let authority, let host, authority.lowercased() != host.lowercased() { throw .authorityMismatch }
        guard !given.isEmpty, given.utf8.allSatisfy(ByteClass.isVisible) else { throw .invalidHost }
        return given
    }

    /// Only the origin form and `*`: an absolute form would name another authority than the one that is decided on.
    private func checkedPath(method: String) throws(WireError) -> String {
        guard let path, path.utf8.allSatisfy(ByteClass.isVisible) else { throw .invalidTarget }
        guard path.utf8.first == UInt8(ascii: "/") || (path == "*" && method == "OPTIONS") else { throw .invalidTarget }
        return path
    }
}
