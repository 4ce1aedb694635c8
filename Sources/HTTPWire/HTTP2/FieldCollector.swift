/// Makes heads and trailers in the form of HTTP/1.1 from the fields of an HTTP/2 request, line by line as they are decoded, so that there is one set of
/// rules for names, values, hosts and lengths behind. What HTTP/1.1 could read differently than HTTP/2 meant it is refused here.
///
/// The memory of a head is used for the next one when it was given back and nobody else holds it.
public struct FieldCollector: Sendable {
    enum Purpose {
        case request
        case trailers
        /// Only the decoder's table is to be kept right.
        case nothing
    }

    /// A request as its fields say it.
    public struct Request: Sendable {
        public var head: RequestHead
        /// The stream asks for another protocol by extended CONNECT (RFC 8441); success is a 2xx head instead of 101.
        public var isExtendedConnect: Bool
    }

    let limits: HTTPLimits
    private var purpose = Purpose.nothing
    var head = RequestHead()
    var trailers = FieldSection()
    private(set) var failure: WireError?
    var method: ByteRange?
    var scheme: ByteRange?
    var path: ByteRange?
    var extendedProtocol: ByteRange?
    var hasAuthority = false
    /// The value of `:authority`, from where it is copied to its place behind all pseudo-header fields.
    var authority: [UInt8] = []
    var hasLength = false
    private var hasHost = false
    private var hasRegularField = false
    /// `:protocol` reads `websocket`.
    var isWebSocket = false

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// Starts a request.
    public mutating func begin() { begin(.request) }

    mutating func begin(_ purpose: Purpose) {
        self.purpose = purpose
        failure = nil
        switch purpose {
        case .nothing: break
        case .trailers: trailers.reset()
        case .request:
            head.reset()
            (method, scheme, path, extendedProtocol) = (nil, nil, nil, nil)
            (hasAuthority, hasHost, hasLength, hasRegularField, isWebSocket) = (false, false, false, false, false)
        }
    }

    /// The fields that were added since the last ``begin()``, as lines; those with a colon in front are not among them.
    public var lines: [UInt8] {
        head.fields.reduce(into: []) { $0 += head.bytes[Int($1.name.lower)..<min(head.bytes.count, Int($1.value.upper) + 2)] }
    }

    /// Nothing that follows is looked at any more.
    var isFull: Bool { purpose == .nothing || failure != nil }

    /// Takes a field as the line `name: value` CRLF.
    mutating func add(_ line: UnsafeRawBufferPointer, nameCount: Int, facts: FieldNameFacts) {
        guard failure == nil else { return }
        switch purpose {
        case .nothing: return
        case .request: failure = addToRequest(line, nameCount, facts)
        case .trailers: failure = addToTrailers(line, nameCount, facts)
        }
    }

    private mutating func addToRequest(_ line: UnsafeRawBufferPointer, _ nameCount: Int, _ facts: FieldNameFacts) -> WireError? {
        switch facts.kind {
        case .empty: return .emptyFieldName
        case .invalid: return .invalidFieldName
        case .regular: break
        default: return addPseudo(line, nameCount, facts)
        }
        if !hasRegularField {
            hasRegularField = true
            if let error = placeAuthority() { return error }
        }
        switch facts.known {
        case .host:
            guard !hasHost else { return .severalHosts }
            hasHost = true
            if hasAuthority { return judgeHost(UnsafeRawBufferPointer(rebasing: line[nameCount + 2..<line.count - 2])) }
            guard line.count > nameCount + 4 else { return .missingHost }
        case .contentLength:
            guard !hasLength else { return .severalContentLengths }
            hasLength = true
        // Has no meaning here (RFC 8441 section 5); beside ours it would be a second one.
        case .secWebSocketKey where isWebSocket: return nil
        case .te:
            guard line.count == nameCount + 12, line[nameCount + 2..<nameCount + 10].elementsEqual("trailers".utf8) else {
                return .invalidConnectionField
            }
        default: if facts.known.isConnectionSpecific { return .invalidConnectionField }
        }
        guard head.section.fields.count < limits.maxFields else { return .tooManyFields }
        return head.section.append(line, nameCount, facts, limit: limits.maxHeadBytes)
    }

    private mutating func addPseudo(_ line: UnsafeRawBufferPointer, _ nameCount: Int, _ facts: FieldNameFacts) -> WireError? {
        guard !hasRegularField else { return .malformedRequestLine }
        guard facts.isValueValid else { return .invalidTarget }
        let start = head.section.bytes.count
        guard start + line.count <= limits.maxHeadBytes else { return .headTooLarge }
        let value = UnsafeRawBufferPointer(rebasing: line[nameCount + 2..<line.count - 2])
        let range = ByteRange(start + nameCount + 2, start + line.count - 2)
        let isNew: Bool
        switch facts.kind {
        case .method: (isNew, method) = (method == nil, range)
        case .scheme: (isNew, scheme) = (scheme == nil, range)
        case .path: (isNew, path) = (path == nil, range)
        case .protocol:
            (isNew, extendedProtocol) = (extendedProtocol == nil, range)
            isWebSocket = value.elementsEqual("websocket".utf8)
        case .authority:
            isNew = !hasAuthority
            hasAuthority = true
            authority.removeAll(keepingCapacity: true)
            authority.append(contentsOf: value)
            return isNew ? nil : .malformedRequestLine
        default: isNew = false
        }
        guard isNew else { return .malformedRequestLine }
        head.section.bytes.append(contentsOf: line)
        if facts.kind == .method, value.elementsEqual("CONNECT".utf8) {
            Self.upgradeMethod.withUTF8Buffer { head.section.bytes.append(contentsOf: $0) }
        }
        return nil
    }

    /// The authority as the Host field, which stands in front of all fields.
    mutating func placeAuthority() -> WireError? {
        guard hasAuthority else { return nil }
        guard !authority.isEmpty, authority.allSatisfy(ByteClass.isVisible) else { return .invalidHost }
        return head.section.append("host", authority, limit: limits.maxHeadBytes)
    }

    /// RFC 9113 section 8.3.1: Host, where it is there too, must not disagree with `:authority`.
    private func judgeHost(_ host: UnsafeRawBufferPointer) -> WireError? {
        guard host.count == authority.count else { return .authorityMismatch }
        return zip(host, authority).allSatisfy { ByteClass.lowercased($0) == ByteClass.lowercased($1) } ? nil : .authorityMismatch
    }

    /// The names of framing and routing have no place in trailers (RFC 9110 section 6.5.1).
    private mutating func addToTrailers(_ line: UnsafeRawBufferPointer, _ nameCount: Int, _ facts: FieldNameFacts) -> WireError? {
        switch facts.kind {
        case .empty: return .emptyFieldName
        case .invalid: return .invalidFieldName
        case .regular: break
        default: return .forbiddenTrailer
        }
        if facts.known.isConnectionSpecific || facts.known == .contentLength || facts.known == .host { return .forbiddenTrailer }
        guard trailers.fields.count < limits.maxFields else { return .tooManyFields }
        return trailers.append(line, nameCount, facts, limit: limits.maxTrailerBytes)
    }
}

extension FieldSection {
    /// A field whose line has been judged already.
    mutating func append(_ line: UnsafeRawBufferPointer, _ nameCount: Int, _ facts: FieldNameFacts, limit: Int) -> WireError? {
        guard facts.isValueValid else { return .invalidFieldValue }
        let start = bytes.count
        guard start + line.count <= limit else { return .headTooLarge }
        var (lower, upper) = (nameCount + 2, line.count - 2)
        if facts.isPadded {
            while lower < upper, ByteClass.isBlank(line[lower]) { lower += 1 }
            while upper > lower, ByteClass.isBlank(line[upper - 1]) { upper -= 1 }
        }
        bytes.append(contentsOf: line)
        hasUnderscoreName = hasUnderscoreName || facts.hasUnderscore
        fields.append(
            HeadField(
                name: ByteRange(start, start + nameCount), value: ByteRange(start + lower, start + upper), foldedHash: facts.foldedHash,
                known: facts.known, isCanonical: !facts.isPadded))
        return nil
    }

    /// A field of our own.
    mutating func append(_ name: StaticString, _ value: [UInt8], limit: Int) -> WireError? {
        let start = bytes.count
        let nameCount = name.utf8CodeUnitCount
        guard start + nameCount + value.count + 4 <= limit else { return .headTooLarge }
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(0x3A)
        bytes.append(0x20)
        bytes.append(contentsOf: value)
        bytes.append(0x0D)
        bytes.append(0x0A)
        let (hash, known) = name.withUTF8Buffer { name in
            let name = UnsafeRawBufferPointer(name)
            let hash = FoldedName.finish(name.reduce(FoldedName.seed) { FoldedName.combine($0, ByteClass.folded($1)) })
            return (hash, KnownField.recognise(name))
        }
        fields.append(
            HeadField(
                name: ByteRange(start, start + nameCount), value: ByteRange(start + nameCount + 2, bytes.count - 2), foldedHash: hash, known: known,
                isCanonical: true))
        return nil
    }
}
