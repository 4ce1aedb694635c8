/// What the fields of a request say together (RFC 9113 section 8.3.1, RFC 8441 for extended CONNECT).
extension FieldCollector {
    private static let upgrade = Array("upgrade".utf8)
    private static let chunked = Array("chunked".utf8)
    /// What an upgrade is asked for with in HTTP/1.1.
    static let upgradeMethod: StaticString = "GET"

    /// The request, once all of its fields were added.
    ///
    /// An extended CONNECT becomes the upgrade request that HTTP/1.1 has for the same purpose.
    /// - Parameters:
    ///   - endsStream: the request has no content.
    ///   - webSocketKey: the value of the Sec-WebSocket-Key that HTTP/1.1 needs and HTTP/2 does not have.
    public mutating func finish(endsStream: Bool, webSocketKey: () -> [UInt8]) throws(WireError) -> Request {
        if let failure { throw failure }
        if head.section.fields.isEmpty, hasAuthority, let error = placeAuthority() { throw error }
        guard let method else { throw .malformedRequestLine }
        let isConnect = head.view(method) == ("CONNECT" as StaticString)
        let isExtended = isConnect && extendedProtocol != nil
        guard isConnect || extendedProtocol == nil else { throw .malformedRequestLine }
        guard head.view(method).withUnsafeBytes({ !$0.isEmpty && $0.allSatisfy(ByteClass.isToken) }) else { throw .malformedRequestLine }
        guard method.count <= HTTPLimits.maxMethodBytes else { throw .methodTooLong }
        head.method = method
        head.minorVersion = 1
        if isConnect, !isExtended {
            guard scheme == nil, path == nil else { throw .malformedRequestLine }
        } else {
            try judgeSchemeAndPath()
        }
        if isExtended { try becomeUpgrade(endsStream: endsStream, webSocketKey) }
        if !isConnect, !endsStream, !hasLength { try append("transfer-encoding", Self.chunked) }
        try complete(isConnect: isConnect && !isExtended)
        if case .length(let length) = head.bodyFraming {
            guard length <= limits.maxBodyBytes else { throw .bodyTooLarge }
            // RFC 9113 section 8.1.1.
            guard !endsStream || length == 0 else { throw .invalidContentLength }
        }
        // Not held here any longer, or the next head could not be written into the memory of this one.
        defer { head = RequestHead() }
        return Request(head: head, isExtendedConnect: isExtended)
    }

    /// Only the origin form and `*`: an absolute form would name another authority than the one that is decided on.
    private mutating func judgeSchemeAndPath() throws(WireError) {
        guard let scheme, let path else { throw scheme == nil ? .malformedRequestLine : .invalidTarget }
        let name = head.view(scheme)
        guard name == ("https" as StaticString) || name == ("http" as StaticString) else { throw .malformedRequestLine }
        guard path.count <= limits.maxTargetBytes else { throw .targetTooLong }
        let target = head.view(path)
        guard target.withUnsafeBytes({ $0.allSatisfy { ByteClass.isVisible($0) && $0 != 0x23 } }) else { throw .invalidTarget }
        guard target.first == 0x2F || target == ("*" as StaticString) else { throw .invalidTarget }
        head.target = path
    }

    private mutating func becomeUpgrade(endsStream: Bool, _ webSocketKey: () -> [UInt8]) throws(WireError) {
        guard let method, let extendedProtocol, !endsStream, !hasLength else { throw .malformedRequestLine }
        // `addPseudo` has put it there.
        head.method = ByteRange(Int(method.upper) + 2, Int(method.upper) + 2 + Self.upgradeMethod.utf8CodeUnitCount)
        let token = head.view(extendedProtocol).array
        guard !token.isEmpty, token.allSatisfy(ByteClass.isToken) else { throw .malformedRequestLine }
        try append("connection", Self.upgrade)
        try append("upgrade", token)
        if isWebSocket { try append("sec-websocket-key", webSocketKey()) }
    }

    private mutating func append(_ name: StaticString, _ value: [UInt8]) throws(WireError) {
        if let error = head.section.append(name, value, limit: limits.maxHeadBytes) { throw error }
    }

    /// The rules that HTTP/1.1 has too.
    private mutating func complete(isConnect: Bool) throws(WireError) {
        guard !head.section.fields.isEmpty else { throw .missingHost }
        head.section.bytes.append(0x0D)
        head.section.bytes.append(0x0A)
        guard head.section.bytes.count <= limits.maxHeadBytes else { throw .headTooLarge }
        if isConnect {
            guard let host = head.section.fields.first(where: { $0.known == .host }) else { throw .missingHost }
            head.target = host.value
        }
        // A second reference instead of exclusive access: ranges are recorded in the structure whose bytes are read.
        let bytes = head.section.bytes
        let range = head.target.range
        let failure = bytes.withUnsafeBytes { source -> WireError? in
            head.parseTarget(range, of: source) ?? head.complete(of: source)
        }
        if let failure { throw failure }
    }

    /// The memory of a head that nobody looks at any more, for the next one.
    mutating func reuse(_ other: inout RequestHead) {
        head = other
        other = RequestHead()
    }
}
