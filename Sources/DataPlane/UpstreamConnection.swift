import HTTPWire
import NIOCore
import NIOSSL
import NIOTLS

/// One connection to an upstream: HTTP/1.1 bytes in, responses to the exchange that has it; one request at a time.
final class UpstreamConnection: ChannelInboundHandler, UpstreamStream {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case connecting
        case idle
        case exchange
        case tunnel
        case closed
    }

    private(set) var address = ""
    /// Freed when the connection is down.
    var slot: ConnectionSlot?
    private let pool: UpstreamPool
    private let isTLS: Bool
    private var connector: UpstreamConnector?
    private var exchange: UpstreamExchange?
    private var context: ChannelHandlerContext?
    private var parser: ResponseParser
    private var phase = Phase.connecting
    private var input = ByteBuffer()
    private var output = OutputBuffer()
    private var isReading = false
    private var isPaused = false
    private var isProcessing = false
    private var needsFlush = false
    private var isChunked = false
    private var chunkSize: [UInt8] = []
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

    func begin(_ exchange: UpstreamExchange, request: UpstreamRequest, head write: (inout ByteBuffer) -> Bool) -> Bool {
        guard parser.expect(requestMethod: request.method) else {
            close()
            return false
        }
        self.exchange = exchange
        isPaused = false
        isChunked = request.framing == .chunked
        phase = .exchange
        needsFlush = true
        return output.append(write)
    }

    func sendBody(_ part: ByteBuffer) {
        guard let context, phase == .exchange || phase == .tunnel else { return }
        let isChunk = phase == .exchange && isChunked
        if isChunk {
            chunkSize.removeAll(keepingCapacity: true)
            ChunkEncoder.prefix(part.readableBytes, into: &chunkSize)
            output.writeBytes(chunkSize)
        }
        writeOutput(context)
        context.write(Self.wrapOutboundOut(part), promise: nil)
        if isChunk { output.writeStaticString(ChunkEncoder.suffix) }
        needsFlush = true
    }

    func sendEnd(trailers: [UInt8]) {
        if phase == .tunnel {
            flush()
            context?.close(mode: .output, promise: nil)
            return
        }
        guard phase == .exchange, isChunked else { return }
        if trailers.isEmpty {
            output.writeStaticString(ChunkEncoder.end)
        } else {
            output.writeStaticString(ChunkEncoder.endBeforeTrailers)
            output.writeBytes(trailers)
            output.writeStaticString("\r\n")
        }
        needsFlush = true
    }

    private func writeOutput(_ context: ChannelHandlerContext) {
        guard output.readableBytes > 0 else { return }
        context.write(Self.wrapOutboundOut(output.handOver()), promise: nil)
    }

    func flush() {
        guard needsFlush, let context else { return }
        needsFlush = false
        writeOutput(context)
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
        address = context.channel.remoteAddress.map(UpstreamAddressText.make) ?? ""
        isReading = true
        context.read()
        if !isTLS { becomeReady() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiated) where phase == .connecting:
            if negotiated == "h2" { becomeSession(context) } else { becomeReady() }
        case ChannelEvent.inputClosed where phase == .tunnel: exchange?.upstreamClosedItsHalf()
        case ChannelEvent.inputClosed: context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The other side speaks HTTP/2: its handlers take the place of this one.
    private func becomeSession(_ context: ChannelHandlerContext) {
        let connector = connector
        self.connector = nil
        phase = .closed
        do {
            let session = try UpstreamSession.install(on: context.channel, pool: pool, address: address)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            connector?.ready(session)
        } catch {
            connector?.broken(error, peer: nil)
            context.close(promise: nil)
        }
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
        output = OutputBuffer()
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
                try? context?.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
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
