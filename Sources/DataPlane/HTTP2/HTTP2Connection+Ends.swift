import HTTPWire
import NIOCore

/// Between the requests of a connection, and at its end.
extension HTTP2Connection {
    /// How long a client has to learn that the connection ends, until new streams are ignored.
    private static let farewell = TimeAmount.seconds(1)
    /// A connection that rests for this long gives its buffers back.
    private static let restTime = TimeAmount.seconds(10)
    /// Streams that wait to be used again.
    private static let spareLimit = 16

    // MARK: Between requests

    /// What is to be done once everything of this turn is written.
    func settle() {
        while let stream = unblocked.popLast() { stream.becameWritable() }
        while let stream = ended.popLast() {
            if spare.count < Self.spareLimit, !hasEnded { spare.append(stream) } else { stream.dispose() }
        }
        guard !hasEnded, !isLingering else { return }
        if core.hasFailed { return linger() }
        guard core.streamCount == 0 else { return }
        if hasSaidGoodbye || core.isPeerLeaving { return linger() }
        if !isIdle { becomeIdle() }
    }

    func becomeIdle() {
        isIdle = true
        let limit = worker.snapshot.settings.connectionIdleTimeout
        let now = NIODeadline.now()
        idleDeadline = limit > 0 ? now + .nanoseconds(limit) : .distantFuture
        timer.arm(at: min(idleDeadline, now + Self.restTime))
    }

    /// Between requests for a while: holds no more memory than it needs to wait.
    private func rest() {
        for stream in spare { stream.dispose() }
        spare = []
        output = OutputBuffer()
        core.releaseStorage()
        if idleDeadline == .distantFuture { timer.disarm() } else { timer.arm(at: idleDeadline) }
    }

    /// A frame or field block that has begun has the time of a request to be complete.
    func watchBlock() {
        guard core.isInsideBlock || input.readableBytes > 0 else {
            blockDeadline = nil
            return
        }
        let limit = worker.snapshot.settings.requestReadTimeout
        guard blockDeadline == nil, limit > 0 else { return }
        let deadline = NIODeadline.now() + .nanoseconds(limit)
        blockDeadline = deadline
        timer.arm(at: timer.deadline.map { min($0, deadline) } ?? deadline)
    }

    // MARK: Ends

    /// At once; what is not sent is lost.
    func close() {
        context?.close(promise: nil)
    }

    /// Everything is said: closes our side, and lets the client read it before the connection is torn down. A reset, which is what closing with unread
    /// bytes means, could take the last frames away from it.
    private func linger() {
        guard let context, !isLingering else { return }
        isLingering = true
        endStreams()
        input = ByteBuffer()
        writeOutput()
        timer.arm(after: max(1, worker.snapshot.settings.lingerTimeout))
        context.close(mode: .output, promise: nil)
        readMore()
    }

    /// Below TLS: for a client that goes on sending, or never says goodbye.
    func closeTransport() {
        channel?.closeBelowTLS()
    }
}

extension HTTP2Connection: ClientConnection {
    var transport: (any Channel)? { context?.channel }

    func endUnfinished(all: Bool, isBusy: Bool) -> Bool {
        defer { wasIdle = !isBusy }
        guard !isBusy, all || wasIdle, context != nil else { return false }
        flush()
        closeTransport()
        return true
    }

    /// GOAWAY first, so that the client opens no more streams here; those that are open go on. Streams that it opened before it could know are taken
    /// until it is told which one was the last.
    func shutDown(now: Bool) {
        if now {
            for stream in streams { stream?.drained() }
            return close()
        }
        guard !isLeaving, !hasEnded else { return }
        isLeaving = true
        core.goAway(isWarning: true)
        flush()
        worker.eventLoop.assumeIsolated().scheduleTask(in: Self.farewell) { [self] in sayGoodbye() }
    }

    private func sayGoodbye() {
        guard !hasEnded, !isLingering, !hasSaidGoodbye else { return }
        hasSaidGoodbye = true
        core.goAway(isWarning: false)
        flush()
    }
}

extension HTTP2Connection: DeadlineTimerOwner {
    func timerFired() {
        if isLingering { return closeTransport() }
        let now = NIODeadline.now()
        if let blockDeadline {
            if now >= blockDeadline {
                core.end(.enhanceYourCalm)
                return flush()
            }
            timer.arm(at: isIdle ? min(idleDeadline, blockDeadline) : blockDeadline)
        }
        guard isIdle else { return }
        if now >= idleDeadline { sayGoodbye() } else if blockDeadline == nil { rest() }
    }
}
