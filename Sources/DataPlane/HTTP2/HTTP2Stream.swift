import Foundation
import HTTPWire
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One request of an HTTP/2 connection: frames in, requests to the pipeline; responses out. Runs on the connection's event loop.
///
/// The request's fields become a head in the form of HTTP/1.1 (`RequestFieldList`), so that everything behind sees one kind of request.
final class HTTP2Stream: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum Phase {
        /// Until the request's fields have come.
        case waiting
        case exchange
        case tunnel
        /// Our side has said everything.
        case ended
        case closed
    }

    private let worker: LoopWorker
    private let pipeline: RequestPipeline
    private let timer: DeadlineTimer
    private let isTLS: Bool
    private var context: ChannelHandlerContext?
    private var phase = Phase.waiting
    private var isExtendedConnect = false
    /// Our half of the tunnel is closed.
    private var hasEndedTunnel = false
    private var isReading = false
    private var isBodyOpen = false
    private var mayContinue = false
    private(set) var isRequestComplete = false
    private(set) var hasStarted = false
    /// Held back so that it can carry the end of the stream.
    private var heldHead: HPACKHeaders?
    private var heldPart: ByteBuffer?
    private var needsFlush = false

    init(worker: LoopWorker, role: ListenerRole, isTLS: Bool, peer: ClientAddress) {
        self.worker = worker
        self.isTLS = isTLS
        timer = DeadlineTimer(eventLoop: worker.eventLoop)
        pipeline = RequestPipeline(worker: worker, role: role, isTLS: isTLS)
        pipeline.setPeer(peer)
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
        guard !isReading, phase == .waiting else { return }
        timer.arm(after: worker.snapshot.settings.requestReadTimeout)
        read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .headers(let headers): received(headers.headers, endsStream: headers.endStream)
        case .data(let data):
            if case .byteBuffer(let part) = data.data, part.readableBytes > 0, phase != .ended, phase != .closed { pipeline.bodyReceived(part) }
            if data.endStream { requestEnded(trailers: FieldSection()) }
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        pipeline.bodyReadComplete()
        flush()
        readMore()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { pipeline.becameWritable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    private func end() {
        guard phase != .closed else { return }
        phase = .closed
        pipeline.clientLeft()
        pipeline.detach()
        timer.stop()
        heldHead = nil
        heldPart = nil
    }

    // MARK: The request

    private func received(_ fields: HPACKHeaders, endsStream: Bool) {
        guard phase == .waiting else {
            guard phase != .closed, !isRequestComplete else { return }
            do {
                let section = try FieldSection.trailers(fields.lazy.map { (name: $0.name, value: $0.value) }, limits: worker.snapshot.settings.limits)
                requestEnded(trailers: section)
            } catch {
                isRequestComplete = true
                pipeline.bodyFailed(error)
            }
            return
        }
        phase = .exchange
        do {
            var list = RequestFieldList(limits: worker.snapshot.settings.limits)
            for field in fields { try list.add(name: field.name, value: field.value) }
            let request = try list.finish(endsStream: endsStream, webSocketKey: Self.makeWebSocketKey)
            isExtendedConnect = request.isExtendedConnect
            start(request.head, endsStream: endsStream)
        } catch {
            isRequestComplete = endsStream
            timer.disarm()
            pipeline.refuse(error, head: RequestHead())
        }
    }

    private func start(_ head: RequestHead, endsStream: Bool) {
        // What follows the head of a tunnel is no content.
        let isTunnelRequest = isExtendedConnect || head.isConnect
        isRequestComplete = endsStream || isTunnelRequest
        mayContinue = head.expectsContinue && !isRequestComplete
        if isRequestComplete { timer.disarm() }
        pipeline.start(head, hasBody: !isRequestComplete)
        if isTunnelRequest, endsStream, phase == .tunnel { pipeline.bodyEnded(trailers: FieldSection()) }
    }

    private func requestEnded(trailers: FieldSection) {
        switch phase {
        case .tunnel: pipeline.bodyEnded(trailers: trailers)
        case .exchange where !isRequestComplete:
            isRequestComplete = true
            timer.disarm()
            pipeline.bodyEnded(trailers: trailers)
        default: isRequestComplete = true
        }
    }

    /// RFC 6455 section 4.1: sixteen bytes, different every time. Nobody judges them here: the client has its own proof in HTTP/2.
    private static func makeWebSocketKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }).base64EncodedString()
    }

    // MARK: Reading

    private func read() {
        isReading = true
        context?.read()
    }

    private func readMore() {
        guard !isReading, let context, context.channel.isActive else { return }
        switch phase {
        case .waiting: read()
        case .exchange: if isBodyOpen, !isRequestComplete { read() }
        case .tunnel: if isBodyOpen { read() }
        case .ended, .closed: return
        }
    }

    // MARK: Writing

    /// Sends what was held back.
    private func writeHeld(_ context: ChannelHandlerContext, endsStream: Bool, promise: EventLoopPromise<Void>? = nil) {
        if let head = heldHead {
            heldHead = nil
            let isLast = heldPart == nil
            let payload = HTTP2Frame.FramePayload.headers(.init(headers: head, endStream: endsStream && isLast))
            context.write(Self.wrapOutboundOut(payload), promise: isLast ? promise : nil)
            needsFlush = true
        }
        if let part = heldPart {
            heldPart = nil
            context.write(Self.wrapOutboundOut(.data(.init(data: .byteBuffer(part), endStream: endsStream))), promise: promise)
            needsFlush = true
        }
    }

    /// RFC 9113 section 8.1: who has answered completely may stop the rest of the request without an error.
    private func stopRequest(_ code: HTTP2ErrorCode) {
        guard let context, context.channel.isActive else { return }
        context.writeAndFlush(Self.wrapOutboundOut(.rstStream(code)), promise: nil)
    }
}

extension HTTP2Stream: DownstreamStream {
    var isWritable: Bool { context?.channel.isWritable ?? false }

    func sendInformational(_ status: Int, lines: [UInt8]) {
        guard phase == .exchange, !hasStarted, let context else { return }
        var headers = HPACKHeaders([(":status", String(status))])
        FieldLines.append(lines, to: &headers)
        context.write(Self.wrapOutboundOut(.headers(.init(headers: headers))), promise: nil)
        needsFlush = true
    }

    func sendHead(_ head: OutgoingHead) {
        guard phase == .exchange, !hasStarted else { return }
        hasStarted = true
        mayContinue = false
        // RFC 8441 section 5: the tunnel begins with a 2xx head.
        let status = head.status == 101 && isExtendedConnect ? 200 : head.status
        var headers = HPACKHeaders([(":status", String(status))])
        FieldLines.append(head.lines, to: &headers)
        FieldLines.append(head.moreLines, to: &headers)
        switch head.framing {
        case .length(let length): headers.add(name: "content-length", value: String(length))
        case .none, .untilClose: if let length = head.declaredLength { headers.add(name: "content-length", value: String(length)) }
        case .chunked: break
        }
        heldHead = headers
        needsFlush = true
    }

    func sendBody(_ part: ByteBuffer) {
        guard hasStarted, phase == .exchange || phase == .tunnel, part.readableBytes > 0, let context else { return }
        writeHeld(context, endsStream: false)
        heldPart = part
        needsFlush = true
    }

    func sendEnd(trailers: [UInt8]) {
        guard hasStarted, phase == .exchange || phase == .tunnel, let context else { return }
        guard !hasEndedTunnel else { return }
        let isComplete = isRequestComplete || phase == .tunnel
        // Not before everything is sent: a reset throws away what waits for the client's window.
        let sent = isComplete ? nil : context.eventLoop.makePromise(of: Void.self)
        sent?.futureResult.assumeIsolated().whenSuccess { self.stopRequest(.noError) }
        if phase == .tunnel {
            // The client may have more to say; its half stays open.
            hasEndedTunnel = true
        } else {
            phase = .ended
        }
        timer.disarm()
        if !trailers.isEmpty {
            writeHeld(context, endsStream: false)
            var headers = HPACKHeaders()
            FieldLines.append(trailers, to: &headers)
            context.write(Self.wrapOutboundOut(.headers(.init(headers: headers, endStream: true))), promise: sent)
        } else if heldHead == nil, heldPart == nil {
            context.write(Self.wrapOutboundOut(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))), promise: sent)
        } else {
            writeHeld(context, endsStream: true, promise: sent)
        }
        needsFlush = false
        context.flush()
    }

    func startTunnel() {
        guard hasStarted, phase == .exchange else { return }
        phase = .tunnel
        timer.disarm()
        isBodyOpen = true
        flush()
        readMore()
    }

    func flush() {
        guard needsFlush, let context else { return }
        writeHeld(context, endsStream: false)
        needsFlush = false
        context.flush()
    }

    func abort() {
        guard let context, phase != .closed else { return }
        if phase == .tunnel {
            if !hasEndedTunnel { sendEnd(trailers: []) }
            phase = .ended
            return stopRequest(.noError)
        }
        flush()
        phase = .ended
        context.writeAndFlush(Self.wrapOutboundOut(.rstStream(.internalError)), promise: nil)
    }

    func acceptBody() {
        guard !isRequestComplete else { return }
        if mayContinue {
            mayContinue = false
            sendInformational(100, lines: [])
            flush()
        }
        resumeBody()
    }

    func pauseBody() {
        isBodyOpen = false
    }

    func resumeBody() {
        isBodyOpen = true
        readMore()
    }
}

extension HTTP2Stream: DeadlineTimerOwner {
    /// The request is not complete in time.
    func timerFired() {
        switch phase {
        case .waiting:
            phase = .exchange
            pipeline.refuseSlowHead()
        case .exchange where !isRequestComplete: pipeline.requestTimedOut()
        default: break
        }
    }
}
