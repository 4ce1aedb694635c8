import HTTPWire
import NIOCore
import NIOTLS

/// One client connection that speaks HTTP/1.1: bytes in, requests to the pipeline; responses out. Runs on one event loop.
///
/// A request is parsed only after the response before it is complete. Reading stops while there are bytes that nobody can take.
final class HTTPConnection: ChannelInboundHandler, RemovableChannelHandler, ClientConnection, FlushedConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let worker: LoopWorker
    let pipeline: RequestPipeline
    let timer: DeadlineTimer
    var context: ChannelHandlerContext?
    var machine: ConnectionStateMachine
    var output = OutputBuffer()
    var needsFlush = false
    var framing = BodyFraming.none
    var isLocalResponse = false
    var mayContinue = false
    var isBodyOpen = false

    private var parser: RequestParser
    private var input = ByteBuffer()
    private var isProcessing = false
    private var isReading = false
    private var isReadDeadlineArmed = false
    private var idleDeadline = NIODeadline.distantFuture
    private let isTLS: Bool
    private var lingered = 0
    let role: ListenerRole
    private var peer = ClientAddress.unknown
    /// Another handler has the connection.
    private var isReplaced = false
    /// Nothing was received yet that would tell which version of HTTP this is.
    private var isVersionOpen: Bool
    /// The client has closed its half of a tunnel.
    var isInputClosed = false
    /// We have closed ours.
    var isOutputClosed = false

    /// The request that was not complete when it was last looked for such, because of a shortage of memory.
    var unfinishedRequest: UInt64?

    /// Bytes that a client may go on sending after the last answer before it is cut off.
    private static let lingerLimit = 1 << 20

    init(worker: LoopWorker, role: ListenerRole, isTLS: Bool) {
        self.worker = worker
        self.isTLS = isTLS
        self.role = role
        if case .proxy = role { isVersionOpen = !isTLS } else { isVersionOpen = false }
        let settings = worker.snapshot.settings
        parser = RequestParser(limits: settings.limits)
        machine = ConnectionStateMachine(isTLS: isTLS)
        timer = DeadlineTimer(eventLoop: worker.eventLoop)
        pipeline = RequestPipeline(worker: worker, role: role, isTLS: isTLS)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer.start(self)
        pipeline.attach(to: self)
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !isReading else { return }
        peer = ClientAddress(context.channel.remoteAddress)
        pipeline.setPeer(peer)
        let settings = worker.snapshot.settings
        if isTLS { timer.arm(after: settings.handshakeTimeout) } else { armIdleDeadline() }
        worker.add(self)
        isReading = true
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        switch machine.phase {
        case .closed: return
        case .lingering:
            lingered += bytes.readableBytes
            if lingered > Self.lingerLimit { closeTransport() }
        case .tunnel: pipeline.bodyReceived(bytes)
        default:
            if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
            if isVersionOpen, speaksHTTP2(context) { return }
            process()
        }
    }

    /// Without TLS, a client that knows that we speak HTTP/2 says so in its first bytes (RFC 9113 section 3.3).
    private func speaksHTTP2(_ context: ChannelHandlerContext) -> Bool {
        let preface = HTTP2Connection.preface
        let count = min(input.readableBytes, preface.count)
        guard input.readableBytesView.prefix(count).elementsEqual(preface.prefix(count)) else {
            isVersionOpen = false
            return false
        }
        guard count == preface.count else { return true }
        isVersionOpen = false
        let bytes = takeInput()
        guard becomeHTTP2(context) else { return true }
        context.fireChannelRead(Self.wrapInboundOut(bytes))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        return true
    }

    /// Hands the connection over to the handlers of HTTP/2, behind this one. False when that failed.
    private func becomeHTTP2(_ context: ChannelHandlerContext) -> Bool {
        leave()
        do {
            try HTTP2Connection.install(on: context.channel, worker: worker, role: role, isTLS: isTLS, peer: peer)
            return true
        } catch {
            context.close(promise: nil)
            return false
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if machine.phase == .tunnel { pipeline.bodyReadComplete() }
        flush()
        readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { pipeline.becameWritable() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let proxied as ProxiedClient:
            peer = ClientAddress(proxied.address)
            pipeline.setPeer(peer)
        case TLSUserEvent.handshakeCompleted(let negotiated): protocolNegotiated(negotiated, context)
        case ChannelEvent.inputClosed where machine.phase == .tunnel:
            isInputClosed = true
            pipeline.bodyEnded(trailers: FieldSection())
        case ChannelEvent.inputClosed where !isReplaced: close()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The one place where the version of HTTP is chosen: what the TLS handshake agreed on.
    private func protocolNegotiated(_ negotiated: String?, _ context: ChannelHandlerContext) {
        switch negotiated {
        case "h2":
            if becomeHTTP2(context) { context.pipeline.syncOperations.removeHandler(context: context, promise: nil) }
        case nil, "http/1.1":
            machine.handshakeCompleted()
            armIdleDeadline()
        default: close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isReplaced { return context.fireErrorCaught(error) }
        // Broken transports and failed handshakes end the connection; `channelInactive` does the rest. TLS has nobody to say goodbye to, and would hold
        // the connection's memory for as long as it waits for the answer.
        closeTransport()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    private func leave() {
        isReplaced = true
        end()
    }

    private func end() {
        guard machine.phase != .closed else { return }
        machine.closed()
        pipeline.clientLeft()
        pipeline.detach()
        timer.stop()
        input = ByteBuffer()
        output = OutputBuffer()
        worker.remove(self)
    }

    // MARK: Reading

    /// Asks for more bytes unless some wait, or nobody can take them.
    func readMore() {
        guard !isReading, let context, context.channel.isActive else { return }
        switch machine.phase {
        case .closed: return
        case .lingering, .handshaking: break
        case .tunnel: guard isBodyOpen, !isInputClosed else { return }
        case .exchange: guard input.readableBytes == 0, isBodyOpen || machine.isRequestComplete else { return }
        case .idle, .readingHead, .draining: guard input.readableBytes == 0 else { return }
        }
        isReading = true
        context.read()
    }

    /// What was received beyond the head that switched protocols.
    func takeInput() -> ByteBuffer {
        defer { input = ByteBuffer() }
        return input
    }

    /// Takes from the received bytes what can be taken now.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        while machine.parses(bodyIsOpen: isBodyOpen), step() {}
        isProcessing = false
        if machine.phase == .exchange { pipeline.bodyReadComplete() }
        // Gives the buffer back to the channel, which reuses it when nobody else holds it.
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    /// False when there is nothing more to take for now.
    private func step() -> Bool {
        let (consumed, event) = input.withUnsafeReadableBytes { parser.consume($0) }
        var part: ByteBuffer?
        if case .body(let range) = event { part = input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count) }
        input.moveReaderIndex(forwardBy: consumed)
        switch event {
        case .needMore:
            if !parser.isIdle, machine.headBegan() { armReadDeadline() }
            if machine.phase == .readingHead, worker.refusesRequests, role.isPublic { refuseForMemory() }
            return false
        case .head:
            _ = machine.headBegan()
            beginRequest()
            return true
        case .body:
            if machine.phase == .exchange, let part { pipeline.bodyReceived(part) }
            return true
        case .end:
            timer.disarm()
            let next = machine.requestCompleted()
            pipeline.bodyEnded(trailers: parser.trailers)
            if next == .nextRequest { becomeIdle() }
            return true
        case .failed(let error):
            fail(error)
            return false
        }
    }

    private func beginRequest() {
        let head = parser.head
        machine.headCompleted(head)
        framing = .none
        isLocalResponse = false
        isBodyOpen = false
        mayContinue = head.expectsContinue
        var hasBody = true
        switch head.bodyFraming {
        case .none, .length(0), .untilClose:
            // The end of a message without content takes no bytes.
            let (_, event) = parser.consume(UnsafeRawBufferPointer(start: nil, count: 0))
            if event == .end {
                _ = machine.requestCompleted()
                hasBody = false
            }
        case .length, .chunked: break
        }
        if !hasBody { timer.disarm() } else if !isReadDeadlineArmed { armReadDeadline() }
        isReadDeadlineArmed = false
        pipeline.start(head, hasBody: hasBody)
    }

    /// Counts from the first byte of the request.
    private func armReadDeadline() {
        isReadDeadlineArmed = true
        timer.arm(after: worker.snapshot.settings.requestReadTimeout)
    }

    private func fail(_ error: WireError) {
        timer.disarm()
        if machine.phase == .exchange {
            pipeline.bodyFailed(error)
        } else if machine.phase == .draining {
            close()
        } else {
            machine.headFailed()
            pipeline.refuse(error, head: parser.head)
        }
    }

    // MARK: Ends

    /// Between two requests.
    func becomeIdle() {
        armIdleDeadline()
        process()
        readMore()
    }

    /// A connection that rests for this long gives its buffers back; one that goes on at once keeps them.
    private static let restTime = TimeAmount.seconds(10)
    /// How long a connection may stay without a request while connections end.
    private static let drainTime = TimeAmount.seconds(1)

    private func armIdleDeadline() {
        // The last answer may have said nothing of the end, so that a client is just sending: it gets a moment, and an answer that tells it.
        let limit = worker.endsConnections ? Self.drainTime.nanoseconds : worker.snapshot.settings.connectionIdleTimeout
        let now = NIODeadline.now()
        idleDeadline = limit > 0 ? now + .nanoseconds(limit) : .distantFuture
        timer.arm(at: min(idleDeadline, now + Self.restTime))
    }

    /// Between requests for a while: holds no more memory than it needs to wait.
    private func rest() {
        guard NIODeadline.now() < idleDeadline else { return close() }
        parser.releaseStorage()
        pipeline.releaseStorage()
        output = OutputBuffer()
        if idleDeadline == .distantFuture { timer.disarm() } else { timer.arm(at: idleDeadline) }
    }

    /// Everything is said: closes our side, and lets the client read it before the connection is torn down. A reset, which is what closing
    /// with unread bytes means, could take the answer away from it (RFC 9112 section 9.6).
    func linger() {
        guard let context, machine.phase != .lingering, machine.phase != .closed else { return }
        flush()
        machine.lingerStarted()
        input = ByteBuffer()
        // Nothing is parsed any more; half a head may be in it.
        parser = RequestParser()
        timer.arm(after: max(1, worker.snapshot.settings.lingerTimeout))
        context.close(mode: .output, promise: nil)
        readMore()
    }

    /// At once; what the client has not taken is lost.
    func close() {
        flush()
        context?.close(promise: nil)
    }

    /// Below TLS: for a client that goes on sending, or never says goodbye. An ordinary close would wait for its goodbye and read on.
    func closeTransport() {
        flush()
        context?.channel.closeBelowTLS()
    }

    /// The process stops: idle connections end soon, busy ones with their response, and new ones with their first.
    func shutDown(now: Bool) {
        if now {
            pipeline.drained()
            close()
        } else if machine.phase == .idle {
            armIdleDeadline()
        }
    }
}

extension HTTPConnection: DeadlineTimerOwner {
    func timerFired() {
        switch machine.phase {
        case .readingHead:
            machine.headFailed()
            pipeline.refuseSlowHead()
        case .exchange where !machine.isRequestComplete: pipeline.requestTimedOut()
        case .exchange, .tunnel, .closed: break
        case .idle: rest()
        case .handshaking, .draining, .lingering: closeTransport()
        }
    }
}
