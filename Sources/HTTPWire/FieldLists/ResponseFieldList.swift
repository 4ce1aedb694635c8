/// Makes a ``ResponseHead`` from the field list of an HTTP/2 response (RFC 9113 section 8.3.2).
public struct ResponseFieldList: Sendable {
    private var fields = FieldListText()
    private var status: String?
    private var hasLength = false
    private var hasRegularField = false
    private let limits: HTTPLimits

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    public mutating func add(name: String, value: String) throws(WireError) {
        if name.utf8.first == UInt8(ascii: ":") {
            guard name == ":status", status == nil, !hasRegularField else { throw .malformedStatusLine }
            status = value
            return
        }
        hasRegularField = true
        guard !FieldListText.isConnectionSpecific(name) else { throw .invalidConnectionField }
        if name == "content-length" {
            guard !hasLength else { throw .severalContentLengths }
            hasLength = true
        }
        try fields.append(name: name, value: value, limit: limits.maxHeadBytes)
    }

    /// The head, framed as HTTP/1.1 would: chunked where more frames follow and no length is given, without content where the stream ends.
    public func finish(method: RequestMethodKind, endsStream: Bool) throws(WireError) -> ResponseHead {
        guard let status, status.utf8.count == 3, status.utf8.allSatisfy(ByteClass.isDigit), status != "101" else { throw .malformedStatusLine }
        var text = FieldListText()
        text.append("HTTP/1.1 ")
        text.append(status)
        text.append("\r\n")
        let isFinal = status.utf8.first != UInt8(ascii: "1")
        // A CONNECT that was refused is answered like any other request.
        let isTunnel = method == .connect && status.utf8.first == UInt8(ascii: "2")
        if isFinal, status != "204", status != "304", method != .head, !isTunnel, !hasLength {
            text.append(endsStream ? "content-length: 0\r\n" : "transfer-encoding: chunked\r\n")
        }
        let bytes = text.bytes + fields.bytes + [0x0D, 0x0A]
        var parser = ResponseParser(limits: limits)
        guard parser.expect(requestMethod: method) else { throw .unsolicitedResponse }
        let (consumed, event) = bytes.withUnsafeBytes { parser.consume($0) }
        switch event {
        case .failed(let error): throw error
        case .head where consumed == bytes.count, .informational where consumed == bytes.count: return parser.head
        default: throw .malformedStatusLine
        }
    }
}
