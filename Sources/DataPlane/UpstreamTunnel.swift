import NIOCore

/// A plain TCP connection to the service behind a `tcp+https` route: bytes both ways, each half closed on its own.
final class UpstreamTunnel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var address = ""
    /// Freed when the connection is down.
    var slot: ConnectionSlot?
    private let pool: UpstreamPool
    private var connector: UpstreamConnector?
    private var exchange: UpstreamExchange?
    private var context: ChannelHandlerContext?
    private var isReading = false
    /// Nothing is read before the client was told that the tunnel stands.
    private var isPaused = true
    private var needsFlush = false
    private var failure: (any Error)?
    private var hasEnded = false

    init(pool: UpstreamPool, connector: UpstreamConnector) {
        self.pool = pool
        self.connector = connector
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        address = context.channel.remoteAddress.map(UpstreamAddressText.make) ?? ""
        try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        let connector = connector
        self.connector = nil
        connector?.ready(self)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        exchange?.responseBody(Self.unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        exchange?.responseReadComplete()
        readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.upstreamBecameWritable() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            if let exchange { exchange.upstreamClosedItsHalf() } else { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        if let connector {
            self.connector = nil
            return connector.broken(failure, peer: nil)
        }
        slot?.free()
        pool.ended(nil)
        let exchange = exchange
        self.exchange = nil
        exchange?.upstreamClosed()
    }

    private func readMore() {
        guard !isReading, !isPaused, let context, context.channel.isActive else { return }
        isReading = true
        context.read()
    }

    /// The connector gave up on it.
    func abandon() {
        connector = nil
        hasEnded = true
        close()
    }
}

extension UpstreamTunnel: UpstreamStream {
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// There is no head: the service speaks a protocol of its own.
    func begin(_ exchange: UpstreamExchange, request: UpstreamRequest, head write: (inout ByteBuffer) -> Bool) -> Bool {
        self.exchange = exchange
        return true
    }

    func sendBody(_ part: ByteBuffer) {
        context?.write(Self.wrapOutboundOut(part), promise: nil)
        needsFlush = true
    }

    func sendEnd(trailers: [UInt8]) {
        flush()
        context?.close(mode: .output, promise: nil)
    }

    func flush() {
        guard needsFlush, let context else { return }
        needsFlush = false
        context.flush()
    }

    func pauseReading() { isPaused = true }

    func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        readMore()
    }

    /// A tunnel serves once.
    func releaseToPool(snapshot: DataPlaneSnapshot) { close() }
    func offerUnused(snapshot: DataPlaneSnapshot) { close() }

    func close() {
        exchange = nil
        context?.close(promise: nil)
    }
}
