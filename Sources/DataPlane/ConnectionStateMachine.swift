import HTTPWire

/// Where an HTTP/1.1 connection stands between two requests, in one, or at its end. No I/O, no clock.
struct ConnectionStateMachine {
    enum Phase: Equatable {
        /// TLS is being negotiated.
        case handshaking
        /// Between requests.
        case idle
        /// Bytes of a head have arrived.
        case readingHead
        case exchange
        /// The response is complete; the rest of the request is thrown away.
        case draining
        case tunnel
        /// Our side is closed; what still arrives is thrown away until the client closes too.
        case lingering
        case closed
    }

    enum AfterResponse: Equatable {
        case nextRequest
        /// The rest of the request's body is short enough to read over it.
        case drainRequest
        case close
    }

    /// The longest rest of a request that is read over to keep a connection.
    static let drainLimit: UInt64 = 64 * 1024

    private(set) var phase: Phase
    private(set) var isRequestComplete = true
    private(set) var hasResponseStarted = false
    /// The client was told, or has asked for it.
    private(set) var closesAfterResponse = false
    private var canDrain = false

    init(isTLS: Bool) {
        phase = isTLS ? .handshaking : .idle
    }

    mutating func handshakeCompleted() {
        if phase == .handshaking { phase = .idle }
    }

    /// False when no head is expected.
    mutating func headBegan() -> Bool {
        guard phase == .idle else { return false }
        phase = .readingHead
        return true
    }

    mutating func headCompleted(_ head: RequestHead) {
        phase = .exchange
        isRequestComplete = false
        hasResponseStarted = false
        closesAfterResponse = !head.isKeepAlive
        canDrain =
            if case .length(let length) = head.bodyFraming { length <= Self.drainLimit && !head.expectsContinue } else { false }
    }

    /// What follows now that the request is complete; nil while the response is not.
    mutating func requestCompleted() -> AfterResponse? {
        isRequestComplete = true
        guard phase == .draining else { return nil }
        phase = .idle
        return .nextRequest
    }

    /// Whether the head must say `Connection: close`.
    mutating func responseStarted(isLocal: Bool, closes: Bool) -> Bool {
        hasResponseStarted = true
        if closes || (isLocal && !isRequestComplete && !canDrain) { closesAfterResponse = true }
        return closesAfterResponse
    }

    mutating func responseCompleted(isLocal: Bool) -> AfterResponse {
        guard phase == .exchange, !closesAfterResponse else { return .close }
        if isRequestComplete {
            phase = .idle
            return .nextRequest
        }
        guard isLocal, canDrain else { return .close }
        phase = .draining
        return .drainRequest
    }

    /// The head cannot be read: one answer, then the end.
    mutating func headFailed() {
        phase = .exchange
        closesAfterResponse = true
        hasResponseStarted = false
    }

    mutating func tunnelStarted() { phase = .tunnel }
    mutating func lingerStarted() { phase = .lingering }
    mutating func closed() { phase = .closed }

    /// Whether the parser may look at received bytes.
    func parses(bodyIsOpen: Bool) -> Bool {
        switch phase {
        case .idle, .readingHead, .draining: true
        case .exchange: bodyIsOpen && !isRequestComplete
        case .handshaking, .tunnel, .lingering, .closed: false
        }
    }
}
