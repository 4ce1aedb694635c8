import NIOCore
import NIOHTTP2
import NIOSSL

/// One HTTP/2 connection to an upstream, shared by the requests of its event loop. This handler sits at the end of the connection's
/// pipeline; every request has an ``UpstreamSessionStream``.
final class UpstreamSession: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// Streams of one connection before another one is made. The frame layer holds back what the other side does not allow yet.
    private static let maxStreams = 100
    private static let streamWindow = 256 * 1024
    private static let connectionWindow = 1024 * 1024

    let address: String
    /// Freed when the connection is down.
    var slot: ConnectionSlot?
    let pool: UpstreamPool
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private let timer: DeadlineTimer
    private var context: ChannelHandlerContext?
    private var streams = 0
    private var isGoingAway = false
    private var idleTimeout: Int64 = 0

    private init(address: String, pool: UpstreamPool, multiplexer: NIOHTTP2Handler.StreamMultiplexer) {
        self.address = address
        self.pool = pool
        self.multiplexer = multiplexer
        timer = DeadlineTimer(eventLoop: pool.eventLoop)
    }

    /// Puts the handlers at the end of a connection's pipeline.
    static func install(on channel: any Channel, pool: UpstreamPool, address: String) throws -> UpstreamSession {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindow),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 128 * 1024),
        ]
        connection.targetWindowSize = connectionWindow
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.targetWindowSize = streamWindow
        stream.outboundBufferSizeHighWatermark = Listener.waterMark.high
        stream.outboundBufferSizeLowWatermark = Listener.waterMark.low
        let frames = NIOHTTP2Handler(
            mode: .client, eventLoop: channel.eventLoop, connectionConfiguration: connection, streamConfiguration: stream
        ) { $0.eventLoop.makeFailedFuture(UnexpectedPush()) }
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(frames)
        let session = UpstreamSession(address: address, pool: pool, multiplexer: try frames.syncMultiplexer())
        try pipeline.addHandler(session)
        try channel.syncOptions?.setOption(.autoRead, value: true)
        return session
    }

    private struct UnexpectedPush: Error {}

    // MARK: Requests

    /// Open, and another request may be sent on it.
    var isUsable: Bool { !isGoingAway && streams < Self.maxStreams && (context?.channel.isActive ?? false) }

    /// Gives the exchange a stream.
    func open(for exchange: UpstreamExchange, reused: Bool) {
        streams += 1
        timer.disarm()
        let stream = NIOLoopBound(UpstreamSessionStream(session: self, exchange: exchange, isReused: reused), eventLoop: pool.eventLoop)
        multiplexer.createStreamChannel { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.syncOptions?.setOption(.autoRead, value: false)
                try channel.pipeline.syncOperations.addHandler(stream.value)
            }
        }
        .assumeIsolated()
        .whenFailure { _ in stream.value.failed() }
    }

    func streamEnded() {
        streams -= 1
        pool.streamEnded(on: self)
        guard streams == 0 else { return }
        if isGoingAway { return close() }
        if idleTimeout > 0 { timer.arm(after: idleTimeout) }
    }

    func close() {
        context?.close(promise: nil)
    }

    /// Connections without requests are closed after this time.
    func closeWhenIdle(after timeout: Int64) {
        idleTimeout = timeout
        timer.start(self)
        if streams == 0, timeout > 0 { timer.arm(after: timeout) }
    }

    /// No new requests here.
    func retire() {
        isGoingAway = true
        if streams == 0 { close() }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .goAway = Self.unwrapInboundIn(data).payload {
            retire()
            pool.sessionIsGoing(self)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOHTTP2Errors.StreamError { return }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGoingAway = true
        timer.stop()
        slot?.free()
        pool.sessionEnded(self)
        context.fireChannelInactive()
    }
}

extension UpstreamSession: DeadlineTimerOwner {
    func timerFired() {
        if streams == 0 { retire() }
    }
}
