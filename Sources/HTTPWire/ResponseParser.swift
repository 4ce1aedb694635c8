/// What the framing of a response needs to know of the request's method.
public enum RequestMethodKind: UInt8, Sendable, Hashable {
    case head, connect, other

    /// The kind of the method with this name.
    public init(_ method: ByteView) {
        if method == ("HEAD" as StaticString) {
            self = .head
        } else if method == ("CONNECT" as StaticString) {
            self = .connect
        } else {
            self = .other
        }
    }
}

/// HTTP/1.x response parser without I/O, strict in all that frames a message (RFC 9112 sections 4 to 7).
///
/// Announce every request with `expect(requestMethod:)`; bytes that answer nothing are an error. Feed and call as with `RequestParser`.
/// After the `.end` of a head that switches protocols no byte is taken any more: the rest of the input belongs to the new protocol.
public struct ResponseParser: Sendable {
    public enum Event: Sendable, Hashable {
        /// Everything was taken; more bytes are needed. On a connection that switched protocols: nothing was taken.
        case needMore
        /// A 1xx head other than 101 in `head`; the final one follows.
        case informational
        /// `head` is complete and stays valid until the next `expect`.
        case head
        /// Content, as a range of the input of this call, transfer coding removed.
        case body(Range<Int>)
        /// The response is complete; `trailers` is valid until the next `expect`.
        case end
        /// Final: the connection cannot be used any more.
        case failed(WireError)
    }

    private enum State {
        case idle
        case statusLine
        case fields
        /// An informational head was reported; another head follows.
        case informational
        case body
        case switched
        case failed(WireError)
    }

    /// Informational responses to one request.
    private static let maxInformational = 32

    public let limits: HTTPLimits
    public private(set) var head = ResponseHead()
    /// Trailer fields of the last chunked response; empty otherwise.
    public private(set) var trailers = FieldSection()
    private var body = BodyDecoder()
    private var state = State.idle
    private var method = RequestMethodKind.other
    private var informational = 0

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// No response is outstanding, and the connection still speaks HTTP.
    public var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    /// Announces one request, whose response comes next.
    ///
    /// - Returns: false when the response before it is not complete; the parser is then unchanged.
    @discardableResult
    public mutating func expect(requestMethod: RequestMethodKind) -> Bool {
        guard isIdle else { return false }
        head.reset()
        trailers.reset()
        method = requestMethod
        informational = 0
        state = .statusLine
        return true
    }

    /// Gives back the memory of the last head. Call it on a connection that goes to a pool; `head` is empty afterwards.
    public mutating func releaseStorage() {
        guard isIdle else { return }
        head = ResponseHead()
        trailers = FieldSection()
    }

    /// Takes bytes until something is to be reported.
    ///
    /// - Returns: how many bytes were taken, and the event.
    public mutating func consume(_ input: UnsafeRawBufferPointer) -> (consumed: Int, event: Event) {
        switch state {
        case .failed(let error):
            return (0, .failed(error))
        case .idle:
            return input.count > 0 ? (0, fail(.unsolicitedResponse)) : (0, .needMore)
        case .switched:
            return (0, .needMore)
        case .informational:
            head.reset()
            state = .statusLine
            return consumeHead(input)
        case .statusLine, .fields:
            return consumeHead(input)
        case .body:
            if head.isSwitchingProtocols {
                state = .switched
                return (0, .end)
            }
            let (consumed, step) = body.consume(input, trailers: &trailers, limits: limits)
            switch step {
            case .needMore: return (consumed, .needMore)
            case .data(let range): return (consumed, .body(range))
            case .failed(let error): return (consumed, fail(error))
            case .end:
                state = .idle
                return (consumed, .end)
            }
        }
    }

    /// The peer closed its side: `.end` when that completes the message or it was complete already but not yet reported, `.needMore` when
    /// no response was outstanding, `.failed(.truncated)` otherwise.
    public mutating func inputClosed() -> Event {
        switch state {
        case .failed(let error): return .failed(error)
        case .idle, .switched: return .needMore
        case .statusLine, .fields, .informational: return fail(.truncated)
        case .body:
            if body.endsWithConnection {
                state = .idle
                return .end
            }
            let (_, event) = consume(UnsafeRawBufferPointer(start: nil, count: 0))
            return event == .end ? .end : fail(.truncated)
        }
    }

    private mutating func fail(_ error: WireError) -> Event {
        state = .failed(error)
        return .failed(error)
    }

    private mutating func consumeHead(_ input: UnsafeRawBufferPointer) -> (consumed: Int, event: Event) {
        // Says at the first byte that this is not HTTP/1.
        if head.section.bytes.isEmpty, let first = input.first, first != 0x48 { return (0, fail(.malformedStatusLine)) }
        let consumed = head.section.append(input, limit: limits.maxHeadBytes)
        // A second reference instead of exclusive access: the lines are recorded in the same structure they are read from.
        let bytes = head.section.bytes
        let event = bytes.withUnsafeBytes { parseLines(of: $0) }
        if let event { return (consumed, event) }
        return consumed < input.count ? (consumed, fail(.headTooLarge)) : (consumed, .needMore)
    }

    private mutating func parseLines(of source: UnsafeRawBufferPointer) -> Event? {
        while true {
            switch head.section.nextLine(in: source) {
            case .incomplete: return nil
            case .failed(let error): return fail(error)
            case .complete(let line):
                if case .statusLine = state {
                    if let error = head.parseStatusLine(line, of: source) { return fail(error) }
                    state = .fields
                } else if line.isEmpty {
                    return finishHead(of: source)
                } else if let error = head.section.appendField(line, of: source, limit: limits.maxFields) {
                    return fail(error)
                }
            }
        }
    }

    private mutating func finishHead(of source: UnsafeRawBufferPointer) -> Event {
        if let error = head.complete(of: source, method: method) { return fail(error) }
        if case .length(let length) = head.bodyFraming, length > limits.maxBodyBytes { return fail(.bodyTooLarge) }
        if head.status < 200, !head.isSwitchingProtocols {
            informational += 1
            guard informational <= Self.maxInformational else { return fail(.tooManyInformationalResponses) }
            state = .informational
            return .informational
        }
        body = BodyDecoder(head.bodyFraming)
        state = .body
        return .head
    }
}
