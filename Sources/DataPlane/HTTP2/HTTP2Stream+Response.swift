import HTTPWire
import NIOCore

/// The response of a stream.
extension HTTP2Stream {
    /// Beyond this much that waits the upstream is not read, and below the other it is again.
    private static let highWater = 32 * 1024
    private static let lowWater = 16 * 1024

    /// Sends one frame of what waits. False when nothing does, or nothing may be sent.
    func sendWaiting() -> Bool {
        guard waitingBytes > 0 else { return false }
        let count = min(connection.core.sendable(in: slot), waitingBytes)
        guard count > 0 else { return false }
        lastFrame = connection.beginData(slot, count)
        var left = count
        while left > 0, !parts.isEmpty {
            left -= connection.append(&parts[parts.startIndex], left)
            if parts[parts.startIndex].readableBytes == 0 { parts.removeFirst() }
        }
        waitingBytes -= count
        if waitingBytes == 0 { connection.waiting -= 1 }
        if isBlocked, waitingBytes <= Self.lowWater {
            isBlocked = false
            connection.unblocked.append(self)
        }
        if waitingBytes == 0, isEnding { finishOutput() }
        return true
    }

    func becameWritable() {
        if phase != .closed, !isBlocked { pipeline.becameWritable() }
    }

    private func write(_ part: ByteBuffer) {
        var part = part
        // Who waits comes first.
        while connection.waiting == 0, part.readableBytes > 0, connection.hasRoom {
            let count = min(connection.core.sendable(in: slot), part.readableBytes)
            guard count > 0 else { break }
            lastFrame = connection.beginData(slot, count)
            _ = connection.append(&part, count)
        }
        guard part.readableBytes > 0 else { return }
        if waitingBytes == 0 { connection.waiting += 1 }
        waitingBytes += part.readableBytes
        parts.append(part)
        if waitingBytes > Self.highWater { isBlocked = true }
    }

    /// The end of our side, behind all content.
    private func finishOutput() {
        isEnding = false
        if trailers.isEmpty {
            connection.writeEnd(slot, lastFrame)
        } else {
            connection.writeTrailers(slot, trailers)
            trailers = []
        }
        if isMalformed {
            // RFC 9113 section 8.1.1: an answer may come before the error.
            connection.writeOutput()
            resetForFault()
        } else if connection.core.localEnded(slot) {
            wireClosed()
        } else if phase != .tunnel {
            // RFC 9113 section 8.1: who has answered completely may stop the rest of the request without an error. Not in the same write: curl forgets
            // an answer that it reads together with the reset.
            connection.writeOutput()
            reset(.noError)
        }
    }
}

extension HTTP2Stream: DownstreamStream {
    var transport: (any Channel)? { connection.context?.channel }
    var isWritable: Bool { slot >= 0 && !isBlocked }

    func sendInformational(_ status: Int, lines: [UInt8]) {
        guard phase == .exchange, !hasStarted else { return }
        _ = connection.writeHead(slot, status, lines, [], contentLength: nil)
    }

    func sendHead(_ head: OutgoingHead) {
        guard phase == .exchange, !hasStarted else { return }
        hasStarted = true
        mayContinue = false
        // RFC 8441 section 5: the tunnel begins with a 2xx head.
        let status = head.status == 101 && isExtendedConnect ? 200 : head.status
        let length: UInt64? =
            switch head.framing {
            case .length(let length): length
            case .none, .untilClose: head.declaredLength
            case .chunked: nil
            }
        lastFrame = connection.writeHead(slot, status, head.lines, head.moreLines, contentLength: length)
    }

    func sendBody(_ part: ByteBuffer) {
        guard hasStarted, phase == .exchange || phase == .tunnel, !hasEndedTunnel, part.readableBytes > 0 else { return }
        write(part)
    }

    func sendEnd(trailers: [UInt8]) {
        guard hasStarted, phase == .exchange || phase == .tunnel, !hasEndedTunnel else { return }
        // The client of a tunnel may have more to say; its half stays open.
        if phase == .tunnel { hasEndedTunnel = true } else { phase = .ended }
        timer.disarm()
        end(trailers)
    }

    private func end(_ trailers: [UInt8]) {
        self.trailers = trailers
        isEnding = true
        if waitingBytes == 0 { finishOutput() }
        connection.scheduleFlush()
    }

    func startTunnel() {
        guard hasStarted, phase == .exchange else { return }
        phase = .tunnel
        timer.disarm()
        isBodyOpen = true
        flush()
        deliver()
        pipeline.bodyReadComplete()
    }

    func flush() {
        connection.scheduleFlush()
    }

    func abort() {
        switch phase {
        case .closed: return
        case .tunnel:
            phase = .ended
            if !hasEndedTunnel {
                hasEndedTunnel = true
                end([])
            } else if !isEnding {
                if connection.core.localEnded(slot) { wireClosed() } else { reset(.noError) }
            }
        case .exchange, .ended: if isMalformed { resetForFault() } else { reset(.internalError) }
        }
        connection.scheduleFlush()
    }

    func pauseBody() {
        isBodyOpen = false
    }

    func resumeBody() {
        isBodyOpen = true
        guard held.readableBytes > 0 || heldTrailers != nil else { return }
        deliver()
        pipeline.bodyReadComplete()
    }
}
