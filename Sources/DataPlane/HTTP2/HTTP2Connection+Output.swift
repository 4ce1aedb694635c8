import HTTPWire
import NIOCore

/// What the streams of a connection send, in one buffer for each turn of the event loop.
extension HTTP2Connection {
    /// Content that is written before the client has taken what was there.
    private static let outputLimit = 64 * 1024
    /// Answers to frames of control that wait for a client which does not read.
    private static let answerLimit = 1000

    /// The place of a frame in the output, while it can still be changed.
    struct FramePlace {
        var write: UInt64
        var flagsIndex: Int
    }

    /// Room for content.
    var hasRoom: Bool { output.readableBytes < Self.outputLimit && (channel?.isWritable ?? false) }

    /// Moves what the core has written to the output.
    @discardableResult
    private func drain() -> Int {
        var start = 0
        guard !core.output.isEmpty else { return start }
        output.append { buffer in
            start = buffer.writerIndex
            buffer.writeBytes(core.output)
        }
        core.outputTaken()
        return start
    }

    func writeHead(_ slot: Int, _ status: Int, _ lines: [UInt8], _ moreLines: [UInt8], contentLength: UInt64?) -> FramePlace {
        drain()
        let offset = core.writeHead(status, lines, moreLines, contentLength: contentLength, endsStream: false, in: slot)
        return FramePlace(write: writes, flagsIndex: drain() + offset + HTTP2ServerCore.flagsOffset)
    }

    /// The head of a frame of content, whose `count` bytes are to follow; the windows allow them.
    func beginData(_ slot: Int, _ count: Int) -> FramePlace {
        drain()
        let (leading, last) = HTTP2ServerCore.dataHeader(count: count, streamID: core.streamID(in: slot), endsStream: false)
        let index = output.append { buffer in
            let start = buffer.writerIndex
            buffer.writeInteger(leading)
            buffer.writeInteger(last)
            return start + HTTP2ServerCore.flagsOffset
        }
        core.sent(count, in: slot)
        return FramePlace(write: writes, flagsIndex: index)
    }

    /// Moves up to `count` bytes of content into a frame. Gives the number.
    func append(_ part: inout ByteBuffer, _ count: Int) -> Int {
        output.append { buffer in
            guard count < part.readableBytes else { return buffer.writeBuffer(&part) }
            guard var piece = part.readSlice(length: count) else { return 0 }
            return buffer.writeBuffer(&piece)
        }
    }

    /// Marks the end of our side: on the last frame if that has not left yet, or with an empty one.
    func writeEnd(_ slot: Int, _ frame: FramePlace?) {
        if let frame, frame.write == writes {
            output.append { buffer in
                guard let flags: UInt8 = buffer.getInteger(at: frame.flagsIndex) else { return }
                buffer.setInteger(flags | HTTP2ServerCore.endStreamFlag, at: frame.flagsIndex)
            }
            return
        }
        drain()
        let (leading, last) = HTTP2ServerCore.dataHeader(count: 0, streamID: core.streamID(in: slot), endsStream: true)
        output.append { buffer in
            buffer.writeInteger(leading)
            buffer.writeInteger(last)
        }
    }

    func writeTrailers(_ slot: Int, _ lines: [UInt8]) {
        core.writeTrailers(lines, in: slot)
        drain()
    }

    /// Content was passed on; the client is told when it is much.
    func consumed(_ count: Int, _ slot: Int) {
        core.consumed(count, in: slot)
        if !core.output.isEmpty { scheduleFlush() }
    }

    /// Everything that the streams write in this turn of the event loop leaves together.
    func scheduleFlush() {
        guard !isFlushScheduled, !isInRead, !hasEnded else { return }
        isFlushScheduled = true
        worker.flushSoon(self)
    }

    /// Looks whether the client takes what is written.
    func judgeReader(_ isWritable: Bool, _ count: Int) {
        guard !isWritable else {
            unread = 0
            return core.answersLeft()
        }
        unread += count
        if core.answersSent > Self.answerLimit { core.end(.enhanceYourCalm) }
    }

    /// Hands everything to the channel, and what waits as far as windows and the client let it.
    func flush() {
        isFlushScheduled = false
        guard !isFlushing, !isLingering, !hasEnded else { return }
        isFlushing = true
        repeat { pump() } while writeOutput() && waiting > 0
        isFlushing = false
        settle()
    }

    /// False when there was nothing to write.
    @discardableResult
    func writeOutput() -> Bool {
        drain()
        let count = output.readableBytes
        guard count > 0, let context else { return false }
        writes &+= 1
        context.writeAndFlush(Self.wrapOutboundOut(output.handOver()), promise: nil)
        judgeReader(channel?.isWritable ?? false, count)
        return true
    }

    /// One frame of each stream that waits, in turn, while there is room.
    private func pump() {
        guard waiting > 0 else { return }
        var skipped = 0
        while skipped < streams.count, hasRoom {
            cursor = cursor + 1 < streams.count ? cursor + 1 : 0
            if let stream = streams[cursor], stream.sendWaiting() { skipped = 0 } else { skipped += 1 }
        }
    }
}
