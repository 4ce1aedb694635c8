import HTTPWire
import NIOCore
import NIOHTTP2
import Observability
import PolicyLanguage

/// One client connection that speaks HTTP/2: SwiftNIO's frame layer below, a ``HTTP2Stream`` for every request above. This handler sits at
/// the end of the connection's pipeline and only knows the connection as a whole.
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// What a client sends before its first frame when it knows that we speak HTTP/2 (RFC 9113 section 3.4).
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// Bytes of a stream or connection that a client may send before we have passed them on.
    private static let streamWindow = 256 * 1024
    private static let connectionWindow = 1024 * 1024

    private let worker: LoopWorker
    private var context: ChannelHandlerContext?
    private var isLeaving = false

    private init(worker: LoopWorker) {
        self.worker = worker
    }

    /// Puts the handlers at the end of a connection's pipeline, where HTTP/2 was agreed on.
    static func install(on channel: any Channel, worker: LoopWorker, role: ListenerRole, isTLS: Bool, peer: ClientAddress) throws {
        let settings = worker.snapshot.settings
        let management = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(
                maxIdleTime: settings.connectionIdleTimeout > 0 ? .nanoseconds(settings.connectionIdleTimeout) : nil, maxAge: nil,
                maxGraceTime: nil, keepalive: nil))
        let bound = NIOLoopBound(worker, eventLoop: channel.eventLoop)
        let frames = NIOHTTP2Handler(
            mode: .server, eventLoop: channel.eventLoop, connectionConfiguration: connectionConfiguration(settings),
            streamConfiguration: streamConfiguration(), streamDelegate: management.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                // Streams are read when their request is wanted: their window is the back-pressure.
                try stream.syncOptions?.setOption(.autoRead, value: false)
                try stream.pipeline.syncOperations.addHandler(HTTP2Stream(worker: bound.value, role: role, isTLS: isTLS, peer: peer))
            }
        }
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(frames)
        try pipeline.addHandler(management)
        try pipeline.addHandler(HTTP2Connection(worker: worker))
        try channel.syncOptions?.setOption(.autoRead, value: true)
        // Its timers start with the channel, which is active already.
        if channel.isActive { management.channelActive(context: try pipeline.context(handler: management)) }
    }

    private static func connectionConfiguration(_ settings: DataPlaneSettings) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: settings.maxConcurrentStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: settings.limits.maxHeadBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindow),
            HTTP2Setting(parameter: .enableConnectProtocol, value: 1),
        ]
        configuration.targetWindowSize = connectionWindow
        configuration.maximumSequentialEmptyDataFrames = 8
        configuration.maximumBufferedControlFrames = 1000
        return configuration
    }

    private static func streamConfiguration() -> NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = streamWindow
        configuration.outboundBufferSizeHighWatermark = Listener.waterMark.high
        configuration.outboundBufferSizeLowWatermark = Listener.waterMark.low
        return configuration
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        worker.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        worker.remove(self)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        worker.remove(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A fault of one stream ends that stream, and its channel has been told; the connection goes on.
        if error is NIOHTTP2Errors.StreamError { return }
        // The frame layer has said GOAWAY with the reason.
        context.close(promise: nil)
    }
}

extension HTTP2Connection: ClientConnection {
    /// How long a client has to learn that the connection ends, until the frame layer is told.
    private static let farewell = TimeAmount.seconds(1)
    /// A GOAWAY frame that refuses no stream yet: its last one is the highest possible (RFC 9113 section 6.8).
    private static let warning: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]

    /// GOAWAY first, so that the client opens no more streams here; those that are open go on.
    ///
    /// From its own GOAWAY on the frame layer refuses every new stream, also one that the client opened before it could know. So the first one goes
    /// past it, between two of its frames, and it is told a moment later.
    func shutDown(now: Bool) {
        guard let context else { return }
        if now { return context.close(promise: nil) }
        guard !isLeaving else { return }
        isLeaving = true
        let frames = try? context.pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self)
        frames?.writeAndFlush(NIOAny(ByteBuffer(bytes: Self.warning)), promise: nil)
        worker.eventLoop.assumeIsolated().scheduleTask(in: Self.farewell) { [self] in
            self.context?.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }
}
