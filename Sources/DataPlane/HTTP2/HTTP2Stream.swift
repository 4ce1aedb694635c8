import Foundation
import HTTPWire
import NIOCore

/// One request of an HTTP/2 connection after the other: from its fields to the pipeline, and its response out. Runs on the connection's event loop.
final class HTTP2Stream {
    enum Phase {
        /// Waits for a request, or is over.
        case closed
        case exchange
        case tunnel
        /// Our side has said everything; some of it may still wait.
        case ended
    }

    let pipeline: RequestPipeline
    let connection: HTTP2Connection
    let timer: DeadlineTimer
    var phase = Phase.closed
    /// In the connection's tables; negative when the stream is closed there.
    var slot = -1
    /// The memory of the request's head, for the next one.
    var head = RequestHead()
    var isExtendedConnect = false
    var isMalformed = false
    /// Given content in the read under way.
    var isTouched = false
    var isRequestComplete = false
    var hasStarted = false
    var mayContinue = false

    // Content of the request that nobody takes yet: at most a window of it.
    var isBodyOpen = false
    var held = ByteBuffer()
    var heldTrailers: FieldSection?

    // Content of the response that waits for a window, or for the client to read.
    var parts = CircularBuffer<ByteBuffer>()
    var waitingBytes = 0
    var isBlocked = false
    /// The end waits too.
    var isEnding = false
    var trailers: [UInt8] = []
    var hasEndedTunnel = false
    var lastFrame: HTTP2Connection.FramePlace?

    init(connection: HTTP2Connection, role: ListenerRole, isTLS: Bool, peer: ClientAddress) {
        self.connection = connection
        let worker = connection.worker
        timer = DeadlineTimer(eventLoop: worker.eventLoop)
        pipeline = RequestPipeline(worker: worker, role: role, isTLS: isTLS)
        pipeline.setPeer(peer)
        timer.start(self)
        pipeline.attach(to: self)
    }

    /// It is not used again.
    func dispose() {
        pipeline.detach()
        timer.stop()
    }

    // MARK: The request

    func open(_ slot: Int, _ request: Result<FieldCollector.Request, WireError>, endsStream: Bool) {
        self.slot = slot
        phase = .exchange
        (isExtendedConnect, isMalformed, hasStarted, mayContinue) = (false, false, false, false)
        (isBodyOpen, isBlocked, isEnding, hasEndedTunnel) = (false, false, false, false)
        lastFrame = nil
        switch request {
        case .success(let request): start(request, endsStream: endsStream)
        case .failure(let error):
            isRequestComplete = endsStream
            isMalformed = error.status == 400
            pipeline.refuse(error, head: RequestHead())
        }
    }

    func start(_ request: FieldCollector.Request, endsStream: Bool) {
        head = request.head
        isExtendedConnect = request.isExtendedConnect
        // What follows the head of a tunnel is no content.
        let isTunnelRequest = isExtendedConnect || head.isConnect
        isRequestComplete = endsStream || isTunnelRequest
        mayContinue = head.expectsContinue && !isRequestComplete
        if isTunnelRequest, endsStream { heldTrailers = FieldSection() }
        if !isRequestComplete { timer.arm(after: connection.worker.snapshot.settings.requestReadTimeout) }
        pipeline.start(head, hasBody: !isRequestComplete)
    }

    func received(_ part: ByteBuffer?, endsStream: Bool) {
        if var part {
            if phase == .ended || phase == .closed {
                if slot >= 0 { connection.consumed(part.readableBytes, slot) }
            } else if isBodyOpen, held.readableBytes == 0 {
                pass(part)
            } else {
                held.writeBuffer(&part)
            }
        }
        if endsStream { received(.success(FieldSection())) }
    }

    /// The end of the request, with its trailers.
    func received(_ trailers: Result<FieldSection, WireError>) {
        guard phase == .exchange || phase == .tunnel else { return }
        timer.disarm()
        switch trailers {
        case .success(let section):
            heldTrailers = section
            deliver()
        case .failure(let error):
            isRequestComplete = true
            isMalformed = true
            pipeline.bodyFailed(error)
        }
    }

    func pass(_ part: ByteBuffer) {
        let count = part.readableBytes
        pipeline.bodyReceived(part)
        if slot >= 0 { connection.consumed(count, slot) }
    }

    /// What was held for as long as nobody took it.
    func deliver() {
        if isBodyOpen, held.readableBytes > 0 {
            let part = held
            held = ByteBuffer()
            pass(part)
        }
        guard isBodyOpen, held.readableBytes == 0, let section = heldTrailers else { return }
        heldTrailers = nil
        if phase == .exchange {
            guard !isRequestComplete else { return }
            isRequestComplete = true
        }
        pipeline.bodyEnded(trailers: section)
    }

    func readComplete() {
        isTouched = false
        if phase != .closed { pipeline.bodyReadComplete() }
    }

    /// RFC 6455 section 4.1: sixteen bytes, different every time. Nobody judges them here: the client has its own proof in HTTP/2.
    static func makeWebSocketKey() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return Array(Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }).base64EncodedData())
    }

    // MARK: Ends

    /// The connection knows the stream no more.
    func wireClosed() {
        guard slot >= 0 else { return }
        connection.streams[slot] = nil
        slot = -1
        phase = .closed
        timer.disarm()
        if waitingBytes > 0 { connection.waiting -= 1 }
        waitingBytes = 0
        parts.removeAll(keepingCapacity: true)
        held = ByteBuffer()
        heldTrailers = nil
        trailers = []
        pipeline.clientLeft()
        connection.core.giveBack(&head)
        connection.ended.append(self)
    }

    /// The process stops, and the time that running requests get is over.
    func drained() { pipeline.drained() }

    func reset(_ code: HTTP2ErrorCode) {
        connection.core.reset(slot, code)
        wireClosed()
    }

    func resetForFault() {
        _ = connection.core.resetForFault(slot, .protocolError, now: Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds))
        wireClosed()
    }
}

extension HTTP2Stream: DeadlineTimerOwner {
    /// The request is not complete in time.
    func timerFired() {
        if phase == .exchange, !isRequestComplete { pipeline.requestTimedOut() }
    }
}
