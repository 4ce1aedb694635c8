import HTTPWire
import NIOCore
import Observability
import PolicyLanguage

/// One client connection that speaks HTTP/2: bytes in, requests to the pipelines of its streams; responses out. Runs on one event loop.
///
/// The frames are those of `HTTP2ServerCore`; there is one handler for the connection, and an object for every request, used for one after the other.
final class HTTP2Connection: ChannelInboundHandler, FlushedConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a client sends before its first frame when it knows that we speak HTTP/2 (RFC 9113 section 3.4).
    static let preface = HTTP2ServerCore.preface

    let worker: LoopWorker
    var core: HTTP2ServerCore
    var context: ChannelHandlerContext?
    /// That of the context, which is asked often.
    var channel: (any Channel)?
    /// By slot.
    var streams: [HTTP2Stream?] = []
    var output = OutputBuffer()
    /// Grows whenever the output is handed over, so that it is known whether a frame can still be changed.
    var writes: UInt64 = 0
    /// Streams with content that waits for a window, or for the client to read.
    var waiting = 0
    /// The stream that was served last of those.
    var cursor = 0
    /// Streams that may be told to go on.
    var unblocked: [HTTP2Stream] = []
    /// Streams that are over, until the end of this turn of the event loop.
    var ended: [HTTP2Stream] = []
    /// Bytes that were handed over since the client stopped reading.
    var unread = 0
    var isFlushScheduled = false
    var isFlushing = false
    /// Between the first byte of a read and its end.
    var isInRead = false

    private let role: ListenerRole
    let isTLS: Bool
    private let peer: ClientAddress
    let timer: DeadlineTimer
    var input = ByteBuffer()
    private var isReading = false
    /// Streams that were given content in this read.
    private var touched: [HTTP2Stream] = []
    var spare: [HTTP2Stream] = []
    var isIdle = false
    var idleDeadline = NIODeadline.distantFuture
    /// Until a frame or field block that has begun is complete.
    var blockDeadline: NIODeadline?
    var isLeaving = false
    var hasSaidGoodbye = false
    var isLingering = false
    private var lingered = 0
    var hasEnded = false
    /// There was no request under way when it was last asked, because of a shortage of memory.
    var wasIdle = false

    /// Bytes that a client may go on sending after the last frame before it is cut off.
    private static let lingerLimit = 1 << 20
    /// Bytes that wait for a client which does not read, besides those that the channel holds, before nothing more is read from it.
    private static let unreadLimit = 64 * 1024

    private init(worker: LoopWorker, role: ListenerRole, isTLS: Bool, peer: ClientAddress) {
        self.worker = worker
        self.role = role
        self.isTLS = isTLS
        self.peer = peer
        let settings = worker.snapshot.settings
        core = HTTP2ServerCore(limits: .init(http: settings.limits, maxStreams: settings.maxConcurrentStreams))
        timer = DeadlineTimer(eventLoop: worker.eventLoop)
    }

    /// Puts the handler at the end of a connection's pipeline, where HTTP/2 was agreed on.
    static func install(on channel: any Channel, worker: LoopWorker, role: ListenerRole, isTLS: Bool, peer: ClientAddress) throws {
        try channel.pipeline.syncOperations.addHandler(HTTP2Connection(worker: worker, role: role, isTLS: isTLS, peer: peer))
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        channel = context.channel
        timer.start(self)
        worker.add(self)
        becomeIdle()
        // Our settings are the first that the client hears.
        flush()
        if worker.endsConnections { shutDown(now: false) }
        readMore()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        if isLingering {
            lingered += bytes.readableBytes
            if lingered > Self.lingerLimit { closeTransport() }
            return
        }
        isInRead = true
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        for stream in touched { stream.readComplete() }
        touched.removeAll(keepingCapacity: true)
        isInRead = false
        if !hasEnded, !isLingering {
            watchBlock()
            flush()
        }
        readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard channel?.isWritable == true, !hasEnded, !isLingering else { return }
        unread = 0
        core.answersLeft()
        scheduleFlush()
        readMore()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { close() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // TLS would wait for an answer to its goodbye and hold the connection's memory as long.
        closeTransport()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
        channel = nil
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        endStreams()
        for stream in ended + spare { stream.dispose() }
        (ended, spare, touched, unblocked) = ([], [], [], [])
        timer.stop()
        input = ByteBuffer()
        output = OutputBuffer()
        worker.remove(self)
    }

    func endStreams() {
        for stream in streams { stream?.wireClosed() }
    }

    // MARK: Input

    func readMore() {
        guard !isReading, !hasEnded, let context else { return }
        // Who does not read is not listened to: answers would pile up.
        if !isLingering, unread > Self.unreadLimit { return }
        isReading = true
        context.read()
    }

    private func process() {
        let now = Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds)
        while true {
            let (consumed, event) = input.withUnsafeReadableBytes { core.receive($0, now: now) }
            if consumed > 0, !core.isInsideBlock { blockDeadline = nil }
            if case .data(let slot, let range, let ends) = event {
                let part = range.isEmpty ? nil : input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count)
                input.moveReaderIndex(forwardBy: consumed)
                received(part, slot, ends)
                continue
            }
            input.moveReaderIndex(forwardBy: consumed)
            switch event {
            case .needMore:
                // A field block that is not complete is no request yet, and nobody would take it.
                if worker.refusesRequests, core.isInsideBlock, role.isPublic {
                    flush()
                    return closeTransport()
                }
                // Gives the buffer back to the channel, which reuses it when nobody else holds it.
                if input.readableBytes == 0 { input = ByteBuffer() }
                return
            case .request(let slot): beginRequest(slot)
            case .trailers(let slot):
                if let stream = streams[slot] { stream.received(core.takeTrailers()) }
            case .closed(let slot): streams[slot]?.wireClosed()
            case .failed:
                input = ByteBuffer()
                return
            case .windowOpened, .data: break
            }
        }
    }

    private func beginRequest(_ slot: Int) {
        if isIdle {
            isIdle = false
            timer.disarm()
        }
        let stream = spare.popLast() ?? HTTP2Stream(connection: self, role: role, isTLS: isTLS, peer: peer)
        while streams.count <= slot { streams.append(nil) }
        streams[slot] = stream
        let request = core.takeRequest(in: slot, webSocketKey: HTTP2Stream.makeWebSocketKey)
        stream.open(slot, request, endsStream: core.isRemoteClosed(slot))
    }

    private func received(_ part: ByteBuffer?, _ slot: Int, _ endsStream: Bool) {
        guard let stream = streams[slot] else { return }
        if !stream.isTouched {
            stream.isTouched = true
            touched.append(stream)
        }
        stream.received(part, endsStream: endsStream)
    }
}
