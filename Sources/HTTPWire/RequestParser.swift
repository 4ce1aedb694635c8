/// Strict HTTP/1.1 request parser without I/O: bytes in, events out (RFC 9112).
///
/// Feed it the unread bytes of one connection, in order and each byte once. After every event call again with what follows the consumed
/// bytes, even if that is nothing: a message without content reports its `.end` on the call after `.head`. Stop feeding on `.needMore`
/// until more bytes are there, and for good on `.failed`.
/// A head is copied once, into `head`; content is never copied. A warm connection allocates nothing.
public struct RequestParser: Sendable {
    public enum Event: Sendable, Hashable {
        /// Everything was taken; more bytes are needed.
        case needMore
        /// `head` is complete and stays valid until the first byte of the next request.
        case head
        /// Content, as a range of the input of this call, transfer coding removed.
        case body(Range<Int>)
        /// The request is complete; `trailers` is valid until the next one.
        case end
        /// Final: answer the error's status and close.
        case failed(WireError)
    }

    private enum State {
        /// Between messages. RFC 9112 section 2.2 lets a server skip an empty line there; `emptyLines` have been.
        case idle(emptyLines: Int)
        case idleLineFeed(emptyLines: Int)
        case requestLine
        case fields
        case body
        case failed(WireError)
    }

    private static let maxEmptyLines = 2

    public let limits: HTTPLimits
    public private(set) var head = RequestHead()
    /// Trailer fields of the last chunked request; empty otherwise.
    public private(set) var trailers = FieldSection()
    private var body = BodyDecoder()
    private var state = State.idle(emptyLines: 0)

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// No byte of a next request has arrived.
    public var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    /// Gives back the memory of the last head. Call it on a connection that waits idle; `head` is empty afterwards.
    public mutating func releaseStorage() {
        guard isIdle else { return }
        head = RequestHead()
        trailers = FieldSection()
    }

    /// Takes bytes until something is to be reported.
    ///
    /// - Returns: how many bytes were taken, and the event.
    public mutating func consume(_ input: UnsafeRawBufferPointer) -> (consumed: Int, event: Event) {
        switch state {
        case .failed(let error):
            return (0, .failed(error))
        case .idle, .idleLineFeed:
            return consumeIdle(input)
        case .requestLine, .fields:
            return consumeHead(input)
        case .body:
            let (consumed, step) = body.consume(input, trailers: &trailers, limits: limits)
            switch step {
            case .needMore: return (consumed, .needMore)
            case .data(let range): return (consumed, .body(range))
            case .failed(let error): return (consumed, fail(error))
            case .end:
                state = .idle(emptyLines: 0)
                return (consumed, .end)
            }
        }
    }

    private mutating func fail(_ error: WireError) -> Event {
        state = .failed(error)
        return .failed(error)
    }

    private mutating func consumeIdle(_ input: UnsafeRawBufferPointer) -> (consumed: Int, event: Event) {
        var index = 0
        while index < input.count {
            let byte = input[index]
            switch state {
            case .idle(let emptyLines) where byte == ByteClass.cr:
                guard emptyLines < Self.maxEmptyLines else { return (index, fail(.malformedRequestLine)) }
                state = .idleLineFeed(emptyLines: emptyLines + 1)
                index += 1
            case .idleLineFeed(let emptyLines):
                guard byte == ByteClass.lf else { return (index, fail(.bareCarriageReturn)) }
                state = .idle(emptyLines: emptyLines)
                index += 1
            default:
                // Says at the first byte that this is not HTTP, for example TLS on a plain port.
                guard ByteClass.isToken(byte) else { return (index, fail(byte == ByteClass.lf ? .bareLineFeed : .malformedRequestLine)) }
                head.reset()
                trailers.reset()
                state = .requestLine
                let (consumed, event) = consumeHead(UnsafeRawBufferPointer(rebasing: input[index...]))
                return (index + consumed, event)
            }
        }
        return (index, .needMore)
    }

    private mutating func consumeHead(_ input: UnsafeRawBufferPointer) -> (consumed: Int, event: Event) {
        let consumed = head.section.append(input, limit: limits.maxHeadBytes)
        // A second reference instead of exclusive access: the lines are recorded in the same structure they are read from.
        let bytes = head.section.bytes
        let event = bytes.withUnsafeBytes { parseLines(of: $0) }
        if let event { return (consumed, event) }
        return consumed < input.count ? (consumed, fail(.headTooLarge)) : (consumed, .needMore)
    }

    private mutating func parseLines(of source: UnsafeRawBufferPointer) -> Event? {
        while true {
            if case .requestLine = state {
                let line = head.section.nextLine(in: source)
                // Judged by where the line feed is, so that the answer does not depend on how the bytes arrive.
                let lineFeed = head.section.lineStart > 0 ? head.section.lineStart - 1 : source.count - 1
                guard lineFeed <= limits.maxRequestLineBytes else { return fail(.targetTooLong) }
                switch line {
                case .incomplete: return nil
                case .failed(let error): return fail(error)
                case .complete(let line):
                    if let error = head.parseRequestLine(line, of: source, limits: limits) { return fail(error) }
                    state = .fields
                }
            }
            switch head.section.nextLine(in: source) {
            case .incomplete: return nil
            case .failed(let error): return fail(error)
            case .complete(let line) where line.isEmpty:
                return finishHead(of: source)
            case .complete(let line):
                if let error = head.section.appendField(line, of: source, limit: limits.maxFields) { return fail(error) }
            }
        }
    }

    private mutating func finishHead(of source: UnsafeRawBufferPointer) -> Event {
        if let error = head.complete(of: source) { return fail(error) }
        if case .length(let length) = head.bodyFraming, length > limits.maxBodyBytes { return fail(.bodyTooLarge) }
        head.completeTarget()
        body = BodyDecoder(head.bodyFraming)
        state = .body
        return .head
    }
}
