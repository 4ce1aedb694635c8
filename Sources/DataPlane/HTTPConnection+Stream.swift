import HTTPWire
import NIOCore

extension HTTPConnection: DownstreamStream {
    /// Bodies up to this size are copied behind the head, so that both leave in one buffer.
    private static let copyLimit = 4096
    /// Held back at most before it goes to the channel.
    private static let holdLimit = 16 * 1024

    var isWritable: Bool { context?.channel.isWritable ?? false }
    var transport: (any Channel)? { role.isPublic ? context?.channel : nil }
    var isRequestComplete: Bool { machine.isRequestComplete }
    var hasStarted: Bool { machine.hasResponseStarted }

    func sendInformational(_ status: Int, lines: [UInt8]) {
        guard machine.phase == .exchange, !machine.hasResponseStarted else { return }
        writeStatusLine(status, reason: .empty)
        output.writeBytes(lines)
        output.writeStaticString("\r\n")
        needsFlush = true
    }

    func sendHead(_ head: OutgoingHead) {
        guard machine.phase == .exchange || machine.phase == .draining, !machine.hasResponseStarted else { return }
        let closes = machine.responseStarted(isLocal: head.isLocal, closes: head.closes || worker.endsConnections)
        isLocalResponse = head.isLocal
        mayContinue = false
        framing = head.framing
        writeStatusLine(head.status, reason: head.reason)
        output.writeBytes(head.lines)
        output.writeBytes(head.moreLines)
        switch head.framing {
        case .length(let length): writeLength(length)
        case .chunked: output.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .none, .untilClose: if let length = head.declaredLength { writeLength(length) }
        }
        if closes { output.writeStaticString("Connection: close\r\n") }
        output.writeStaticString("\r\n")
        needsFlush = true
    }

    func sendBody(_ part: ByteBuffer) {
        guard machine.hasResponseStarted, part.readableBytes > 0, let context else { return }
        if framing == .chunked, machine.phase != .tunnel {
            writeChunkSize(part.readableBytes)
        }
        if part.readableBytes <= Self.copyLimit, output.readableBytes <= Self.holdLimit {
            var part = part
            output.writeBuffer(&part)
        } else {
            writeOutput(context)
            context.write(Self.wrapOutboundOut(part), promise: nil)
        }
        if framing == .chunked, machine.phase != .tunnel { output.writeStaticString("\r\n") }
        if output.readableBytes > Self.holdLimit { writeOutput(context) }
        needsFlush = true
    }

    func sendEnd(trailers: [UInt8]) {
        if machine.phase == .tunnel { return closeOutput() }
        guard machine.hasResponseStarted, machine.phase == .exchange else { return }
        if framing == .chunked {
            output.writeStaticString("0\r\n")
            output.writeBytes(trailers)
            output.writeStaticString("\r\n")
            needsFlush = true
        }
        switch machine.responseCompleted(isLocal: isLocalResponse) {
        case .nextRequest:
            worker.flushSoon(self)
            becomeIdle()
        case .drainRequest:
            flush()
            isBodyOpen = true
            timer.arm(after: worker.snapshot.settings.lingerTimeout)
            process()
            readMore()
        case .close: linger()
        }
    }

    func startTunnel() {
        guard machine.hasResponseStarted, machine.phase == .exchange else { return }
        flush()
        timer.disarm()
        machine.tunnelStarted()
        // Each side of a tunnel closes its half when it wants to.
        try? context?.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        isBodyOpen = true
        let early = takeInput()
        if early.readableBytes > 0 {
            pipeline.bodyReceived(early)
            pipeline.bodyReadComplete()
        }
        readMore()
    }

    /// Our half of a tunnel.
    private func closeOutput() {
        guard !isOutputClosed else { return }
        isOutputClosed = true
        flush()
        context?.close(mode: .output, promise: nil)
    }

    func flush() {
        guard needsFlush, let context else { return }
        needsFlush = false
        writeOutput(context)
        context.flush()
    }

    func abort() {
        if machine.phase != .tunnel || isInputClosed { close() } else { linger() }
    }

    func pauseBody() {
        isBodyOpen = false
    }

    func resumeBody() {
        isBodyOpen = true
        process()
        readMore()
    }

    private func writeOutput(_ context: ChannelHandlerContext) {
        guard output.readableBytes > 0 else { return }
        context.write(Self.wrapOutboundOut(output.handOver()), promise: nil)
    }

    private func writeStatusLine(_ status: Int, reason: ByteView) {
        worker.startLine.reset()
        if reason.isEmpty || !worker.startLine.statusLine(status, reason: reason) {
            // Both refuse only statuses without three digits, which no caller has: parsers and configuration checked them.
            if !worker.startLine.statusLine(status) { _ = worker.startLine.statusLine(500) }
        }
        output.writeBytes(worker.startLine.bytes)
    }

    private func writeLength(_ length: UInt64) {
        worker.startLine.reset()
        worker.startLine.field("Content-Length", integer: length)
        output.writeBytes(worker.startLine.bytes)
    }

    private func writeChunkSize(_ count: Int) {
        worker.chunkSize.removeAll(keepingCapacity: true)
        ChunkEncoder.prefix(count, into: &worker.chunkSize)
        output.writeBytes(worker.chunkSize)
    }
}
