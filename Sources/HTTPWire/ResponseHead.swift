/// The head of one upstream response, as offsets into the bytes that arrived.
public struct ResponseHead: FieldSectioned {
    public internal(set) var section = FieldSection()
    /// 100 to 999.
    public internal(set) var status = 0
    public internal(set) var reason = ByteRange()
    public internal(set) var minorVersion: UInt8 = 1
    public internal(set) var bodyFraming = BodyFraming.none
    /// The value of Content-Length; also there when the message has no content itself (HEAD, 304).
    public internal(set) var declaredLength: UInt64?
    /// The connection may carry another request once this message is complete.
    public internal(set) var isKeepAlive = true
    /// The Connection field nominates fields of the sender's choice as hop-by-hop.
    public internal(set) var hasNominatedFields = false
    /// After this head the connection speaks another protocol: 101, or success of a CONNECT.
    public internal(set) var isSwitchingProtocols = false

    public init() {}

    public var reasonView: ByteView { view(reason) }

    /// Prepares for the next message and keeps the capacity.
    mutating func reset() {
        section.reset()
        status = 0
        reason = ByteRange()
        minorVersion = 1
        bodyFraming = .none
        declaredLength = nil
        isKeepAlive = true
        hasNominatedFields = false
        isSwitchingProtocols = false
    }

    /// RFC 9112 section 4. The reason phrase and the space before it may be missing.
    mutating func parseStatusLine(_ line: Range<Int>, of source: UnsafeRawBufferPointer) -> WireError? {
        guard line.count >= 12, let version = HTTPVersion(source, line.lowerBound..<line.lowerBound + 8) else { return .malformedStatusLine }
        guard version.major == 1, version.minor <= 1 else { return .unsupportedVersion }
        minorVersion = version.minor
        guard source[line.lowerBound + 8] == ByteClass.space else { return .malformedStatusLine }
        let digits = line.lowerBound + 9..<line.lowerBound + 12
        guard let code = MessageFacts.decimal(source, digits), code >= 100 else { return .malformedStatusLine }
        status = Int(code)
        guard line.count > 12 else { return nil }
        guard source[line.lowerBound + 12] == ByteClass.space else { return .malformedStatusLine }
        let phrase = line.lowerBound + 13..<line.upperBound
        let bytes = UnsafeRawBufferPointer(rebasing: source[phrase])
        guard ByteClass.isFieldValue(bytes) else { return bytes.contains(ByteClass.cr) ? .bareCarriageReturn : .malformedStatusLine }
        reason = ByteRange(phrase.lowerBound, phrase.upperBound)
        return nil
    }

    /// Judges the complete head: connection and framing (RFC 9112 section 6.3).
    mutating func complete(of source: UnsafeRawBufferPointer, method: RequestMethodKind) -> WireError? {
        var facts = MessageFacts()
        if let error = facts.collect(section.fields, of: source) { return error }
        hasNominatedFields = facts.nominatesFields
        declaredLength = facts.contentLength
        isKeepAlive = minorVersion == 1 ? !facts.closes : facts.keepsAlive && !facts.closes
        if facts.hasTransferEncoding, minorVersion == 0 { return .transferEncodingNotAllowed }

        if status < 200 || status == 204 {
            if facts.hasTransferEncoding { return .transferEncodingNotAllowed }
            if let length = facts.contentLength, length > 0 { return .contentLengthNotAllowed }
            isSwitchingProtocols = status == 101
            return nil
        }
        if method == .connect, status < 300 {
            // RFC 9110 section 9.3.6: both fields mean nothing here.
            isSwitchingProtocols = true
            return nil
        }
        if method == .head || status == 304 { return nil }
        if facts.hasTransferEncoding {
            bodyFraming = .chunked
        } else if let length = facts.contentLength {
            bodyFraming = .length(length)
        } else {
            bodyFraming = .untilClose
            isKeepAlive = false
        }
        return nil
    }
}
