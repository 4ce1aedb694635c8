import HTTPWire
import NIOCore
import NIOSSL
import NIOTLS

/// One connection to an upstream: HTTP/1.1 bytes in, responses to the exchange that has it; one request at a time.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case connecting
        case idle
        case exchange
        case tunnel
        case closed
    }

    /// `10.0.0.5:8080`, for the access log.
    private(set) var address = ""
    private let pool: UpstreamPool
    private let isTLS: Bool
    private var connector: UpstreamConnector?
    private var exchange: UpstreamExchange?
    private var context: ChannelHandlerContext?
    private var parser: ResponseParser
    private var phase = Phase.connecting
    private var input = ByteBuffer()
    private var output = ByteBuffer()
    private var isReading = false
    private var isPaused = false
    private var isProcessing = false
    private var needsFlush = false
    private var failure: (any Error)?

    init(pool: UpstreamPool, connector: UpstreamConnector, isTLS: Bool, limits: HTTPLimits) {
        self.pool = pool
        self.connector = connector
        self.isTLS = isTLS
        parser = ResponseParser(limits: limits)
    }

    // MARK: What the exchange asks for

    /// Idle, open, and nothing unexpected has arrived.
    var isUsable: Bool { phase == .idle && input.readableBytes == 0 && parser.isIdle && (context?.channel.isActive ?? false) }
    var isWritable: Bool { context?.channel.isWritable ?? false }
    var head: ResponseHead { parser.head }

    /// Announces a request whose bytes follow.
    func begin(_ exchange: UpstreamExchange, method: RequestMethodKind) {
        guard parser.expect(requestMethod: method) else { return close() }
        self.exchange = exchange
        isPaused = false
        phase = .exchange
    }

    /// Bytes that leave with the next flush.
    func write(_ body: (inout ByteBuffer) -> Void) {
        body(&output)
        needsFlush = true
    }

    /// Content that is passed on without a copy.
    func write(_ part: ByteBuffer) {
        guard let context, phase == .exchange || phase == .tunnel else { return }
        if output.readableBytes > 0 {
            context.write(Self.wrapOutboundOut(output), promise: nil)
            output.clear()
        }
        context.write(Self.wrapOutboundOut(part), promise: nil)
        needsFlush = true
    }

    func flush() {
        guard needsFlush, let context else { return }
        needsFlush = false
        if output.readableBytes > 0 {
            context.write(Self.wrapOutboundOut(output), promise: nil)
            output.clear()
        }
        context.flush()
    }

    func pauseReading() { isPaused = true }

    func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        process()
        exchange?.responseReadComplete()
        readMore()
    }

    /// The exchange is complete; the connection may serve another one.
    func releaseToPool(snapshot: DataPlaneSnapshot) {
        exchange = nil
        guard phase == .exchange, parser.isIdle else { return close() }
        phase = .idle
        isPaused = false
        pool.release(self, snapshot: snapshot)
        readMore()
    }

    /// It was made for an exchange that is over.
    func offerUnused(snapshot: DataPlaneSnapshot) {
        pool.release(self, snapshot: snapshot)
    }

    func close() {
        exchange = nil
        context?.close(promise: nil)
    }

    /// The connector gave up on it.
    func abandon() {
        connector = nil
        close()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        if let remote = context.channel.remoteAddress, let ip = remote.ipAddress, let port = remote.port {
            address = ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
        }
        isReading = true
        context.read()
        if !isTLS { becomeReady() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event, phase == .connecting { becomeReady() }
        context.fireUserInboundEventTriggered(event)
    }

    private func becomeReady() {
        phase = .idle
        let connector = connector
        self.connector = nil
        connector?.ready(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        switch phase {
        case .tunnel: exchange?.responseBody(bytes)
        // Nobody asked for it: what follows on this connection cannot be trusted.
        case .idle: close()
        case .connecting, .closed: return
        case .exchange:
            if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
            process()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        exchange?.responseReadComplete()
        readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.upstreamBecameWritable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        if let connector, isTLS {
            self.connector = nil
            connector.broken(error, peer: peerCertificate)
        }
        // A stream that ends without the TLS goodbye is judged by its framing when the connection is down.
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        context.close(promise: nil)
    }

    private var peerCertificate: NIOSSLCertificate? {
        try? context?.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).peerCertificate
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    private func end() {
        let old = phase
        guard old != .closed else { return }
        if let connector {
            phase = .closed
            self.connector = nil
            connector.broken(failure, peer: nil)
            return
        }
        if old != .connecting { pool.ended(self) }
        isPaused = false
        if old == .exchange {
            process()
            // A body without length is complete when the upstream says goodbye, and only then.
            let isClean = failure == nil
            if isClean, exchange != nil, parser.inputClosed() == .end { exchange?.responseEnded(trailers: parser.trailers, canReuse: false) }
        }
        phase = .closed
        input = ByteBuffer()
        output = ByteBuffer()
        let exchange = exchange
        self.exchange = nil
        exchange?.upstreamClosed()
    }

    // MARK: Parsing

    private func readMore() {
        guard !isReading, !isPaused, let context, context.channel.isActive, input.readableBytes == 0 else { return }
        isReading = true
        context.read()
    }

    private func process() {
        guard !isProcessing else { return }
        isProcessing = true
        while phase == .exchange, !isPaused, exchange != nil, step() {}
        isProcessing = false
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    private func step() -> Bool {
        let (consumed, event) = input.withUnsafeReadableBytes { parser.consume($0) }
        var part: ByteBuffer?
        if case .body(let range) = event { part = input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count) }
        input.moveReaderIndex(forwardBy: consumed)
        switch event {
        case .needMore: return false
        case .informational:
            exchange?.responseInformational(parser.head)
            return true
        case .head:
            exchange?.responseHead(parser.head)
            return true
        case .body:
            if let part { exchange?.responseBody(part) }
            return true
        case .end:
            if parser.head.isSwitchingProtocols {
                phase = .tunnel
                let early = input
                input = ByteBuffer()
                if early.readableBytes > 0 { exchange?.responseBody(early) }
                return false
            }
            let canReuse = parser.head.isKeepAlive && input.readableBytes == 0
            exchange?.responseEnded(trailers: parser.trailers, canReuse: canReuse)
            return false
        case .failed(let error):
            exchange?.responseFailed(error)
            return false
        }
    }
}
