/// Takes the content of one message out of its framing, trailers included. Shared by requests and responses.
struct BodyDecoder: Sendable {
    enum Step {
        case needMore
        /// Content, as a range of the input.
        case data(Range<Int>)
        case end
        case failed(WireError)
    }

    private enum State {
        case length(UInt64)
        case chunks(ChunkedDecoder)
        case trailers
        case untilClose
        case done
    }

    private var state = State.done
    private var received: UInt64 = 0

    /// The content ends where the peer closes.
    var endsWithConnection: Bool {
        if case .untilClose = state { true } else { false }
    }

    init() {}

    init(_ framing: BodyFraming) {
        switch framing {
        case .none, .length(0): state = .done
        case .length(let length): state = .length(length)
        case .chunked: state = .chunks(ChunkedDecoder())
        case .untilClose: state = .untilClose
        }
    }

    /// Takes bytes until there is content to hand out, the end, or nothing left. An empty input finds the end of a message without content.
    mutating func consume(_ input: UnsafeRawBufferPointer, trailers: inout FieldSection, limits: HTTPLimits) -> (consumed: Int, step: Step) {
        switch state {
        case .done:
            return (0, .end)
        case .length(let remaining):
            guard input.count > 0 else { return (0, .needMore) }
            let count = Int(min(UInt64(input.count), remaining))
            let rest = remaining - UInt64(count)
            state = rest == 0 ? .done : .length(rest)
            return (count, .data(0..<count))
        case .untilClose:
            return input.count > 0 ? counted(input.count, 0..<input.count, limits: limits) : (0, .needMore)
        case .chunks(var decoder):
            let (consumed, step) = decoder.consume(input, limits: limits)
            state = .chunks(decoder)
            switch step {
            case .needMore: return (consumed, .needMore)
            case .data(let range): return counted(consumed, range, limits: limits)
            case .failed(let error): return (consumed, .failed(error))
            case .last:
                state = .trailers
                trailers.reset()
                let rest = consumeTrailers(UnsafeRawBufferPointer(rebasing: input[consumed...]), trailers: &trailers, limits: limits)
                return (consumed + rest.consumed, rest.step)
            }
        case .trailers:
            return consumeTrailers(input, trailers: &trailers, limits: limits)
        }
    }

    private mutating func counted(_ consumed: Int, _ range: Range<Int>, limits: HTTPLimits) -> (consumed: Int, step: Step) {
        // Cannot overflow: it counts bytes that were really received.
        received += UInt64(range.count)
        return received <= limits.maxBodyBytes ? (consumed, .data(range)) : (consumed, .failed(.bodyTooLarge))
    }

    private mutating func consumeTrailers(
        _ input: UnsafeRawBufferPointer, trailers: inout FieldSection, limits: HTTPLimits
    ) -> (consumed: Int, step: Step) {
        let consumed = trailers.append(input, limit: limits.maxTrailerBytes)
        let bytes = trailers.bytes
        let step: Step? = bytes.withUnsafeBytes { source in
            while true {
                switch trailers.nextLine(in: source) {
                case .incomplete: return nil
                case .failed(let error): return .failed(error)
                case .complete(let line) where line.isEmpty: return .end
                case .complete(let line):
                    if let error = trailers.appendField(line, of: source, limit: limits.maxFields) { return .failed(error) }
                    if let field = trailers.fields.last, field.known.isForbiddenInTrailers { return .failed(.forbiddenTrailer) }
                }
            }
        }
        if let step {
            if case .end = step { state = .done }
            return (consumed, step)
        }
        return consumed < input.count ? (consumed, .failed(.trailersTooLarge)) : (consumed, .needMore)
    }
}

extension KnownField {
    /// Fields that frame, route, authenticate or belong to the connection (RFC 9110 section 6.5.1).
    var isForbiddenInTrailers: Bool {
        switch self {
        case .host, .connection, .contentLength, .transferEncoding, .te, .trailer, .keepAlive, .upgrade, .expect, .proxyConnection,
            .proxyAuthorization, .proxyAuthenticate, .cookie, .setCookie, .authorization, .wwwAuthenticate, .contentType, .contentEncoding,
            .range, .forwarded, .xForwardedFor, .xForwardedProto, .xForwardedHost, .xForwardedPort, .xRealIP, .xPomerium:
            true
        default: false
        }
    }
}
