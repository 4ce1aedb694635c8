/// What is sent, and how streams end.
extension HTTP2ServerCore {
    // MARK: What the caller asks for

    /// How many bytes of content may be sent on a stream now, in one frame.
    public func sendable(in slot: Int) -> Int {
        max(0, min(min(streams[slot].sendWindow, sendWindow), FrameHeader.maxPayload))
    }

    /// The id of a stream, for ``dataHeader(count:streamID:endsStream:)``.
    public func streamID(in slot: Int) -> UInt32 { streams[slot].id }

    /// The nine bytes in front of content, as the eight first and the last.
    public static func dataHeader(count: Int, streamID: UInt32, endsStream: Bool) -> (UInt64, UInt8) {
        let header = FrameHeader(length: count, type: .data, flags: endsStream ? FrameFlags.endStream : 0, streamID: streamID)
        return (header.leadingBytes, UInt8(truncatingIfNeeded: streamID))
    }

    /// Where the flags are in a frame, and the flag that ends a stream with it.
    public static let flagsOffset = 4
    public static let endStreamFlag = FrameFlags.endStream

    /// Content of this many bytes was sent on a stream.
    public mutating func sent(_ count: Int, in slot: Int) {
        streams[slot].sendWindow -= count
        sendWindow -= count
        flood.data()
    }

    /// Writes a head. Its fields are serialised lines; framing and connection have none.
    ///
    /// - Returns: where in ``output`` its first frame begins.
    public mutating func writeHead(
        _ status: Int, _ lines: [UInt8], _ moreLines: [UInt8], contentLength: UInt64?, endsStream: Bool, in slot: Int
    ) -> Int {
        let start = beginBlock()
        encoder.append(status: status, to: &output)
        if let contentLength { encoder.append(contentLength: contentLength, to: &output) }
        encoder.append(lines, to: &output)
        encoder.append(moreLines, to: &output)
        endBlock(start, endsStream: endsStream, slot)
        return start
    }

    /// Writes trailers, which end our side.
    public mutating func writeTrailers(_ lines: [UInt8], in slot: Int) {
        let start = beginBlock()
        encoder.append(lines, to: &output)
        endBlock(start, endsStream: true, slot)
    }

    /// Content was taken by the application: its room is given back to the client, many bytes at a time.
    public mutating func consumed(_ count: Int, in slot: Int) {
        held -= count
        streams[slot].held -= count
        streams[slot].owed += count
        if streams[slot].owed >= Self.streamWindow / 2, !streams[slot].isRemoteClosed {
            appendWindowUpdate(streams[slot].id, streams[slot].owed)
            streams[slot].receiveWindow += streams[slot].owed
            streams[slot].owed = 0
        }
        giveBackConnection()
    }

    /// Our side of a stream has been sent with its end. True when the stream is closed by it, and its slot free.
    public mutating func localEnded(_ slot: Int) -> Bool {
        guard streams[slot].isRemoteClosed else { return false }
        close(slot, .finished)
        return true
    }

    /// Whether the client has said everything on a stream.
    public func isRemoteClosed(_ slot: Int) -> Bool { streams[slot].isRemoteClosed }

    /// Ends a stream at once; its slot is free.
    public mutating func reset(_ slot: Int, _ code: HTTP2ErrorCode) {
        appendReset(streams[slot].id, code)
        close(slot, .resetByUs)
    }

    /// Ends a stream for a fault of its client, which counts. False when there were too many, and the connection ends.
    public mutating func resetForFault(_ slot: Int, _ code: HTTP2ErrorCode, now: Int64) -> Bool {
        reset(slot, code)
        guard flood.reset(now: now) else {
            _ = fail(.enhanceYourCalm)
            return false
        }
        return true
    }

    /// Says that the connection ends. `isWarning` refuses no stream yet (RFC 9113 section 6.8); otherwise streams that come from now on are ignored.
    public mutating func goAway(isWarning: Bool, _ code: HTTP2ErrorCode = .noError) {
        guard !hasFailed else { return }
        appendGoAway(isWarning ? UInt32(FrameHeader.maxValue) : lastStreamID, code)
        if !isWarning { goAwayID = lastStreamID }
    }

    /// Ends the connection for what the client does not do.
    public mutating func end(_ code: HTTP2ErrorCode) {
        if !hasFailed { _ = fail(code) }
    }

    // MARK: Streams

    mutating func remoteEnded(_ slot: Int) {
        streams[slot].isRemoteClosed = true
    }

    mutating func close(_ slot: Int, _ cause: ClosedStreams.Cause) {
        closed.add(streams[slot].id, cause)
        // The rest of a frame under way is nobody's; the slot may be another stream's by then.
        if case .data(slot, let left, let padding, _) = phase { phase = .skipping(left + padding) }
        held -= streams[slot].held
        streams.remove(slot)
        giveBackConnection()
    }

    /// A stream error (RFC 9113 section 5.4.2).
    mutating func refuse(_ slot: Int, _ code: HTTP2ErrorCode, now: Int64) -> Event {
        resetForFault(slot, code, now: now) ? .closed(slot: slot) : .failed(.enhanceYourCalm)
    }

    /// A stream error on a stream that is not in the table.
    mutating func resetUnknown(_ id: UInt32, _ code: HTTP2ErrorCode, now: Int64) -> Event? {
        appendReset(id, code)
        return flood.reset(now: now) ? nil : fail(.enhanceYourCalm)
    }

    mutating func giveBackConnection() {
        guard owed >= Self.connectionWindow / 2, held <= Self.heldLimit else { return }
        appendWindowUpdate(0, owed)
        receiveWindow += owed
        owed = 0
    }

    // MARK: Frames

    private mutating func beginBlock() -> Int {
        let start = output.count
        output.append(FrameHeader(length: 0, type: .headers))
        encoder.begin(&output)
        return start
    }

    private mutating func endBlock(_ start: Int, endsStream: Bool, _ slot: Int) {
        let count = output.count - start - FrameHeader.size
        let flags = endsStream ? FrameFlags.endStream : 0
        var header = FrameHeader(length: count, type: .headers, flags: flags | FrameFlags.endHeaders, streamID: streams[slot].id)
        guard count > FrameHeader.maxPayload else { return overwrite(start, header) }
        let block = Array(output[(start + FrameHeader.size)...])
        output.removeSubrange(start...)
        var offset = 0
        while offset < block.count {
            header.length = min(FrameHeader.maxPayload, block.count - offset)
            header.flags = (offset == 0 ? flags : 0) | (offset + header.length == block.count ? FrameFlags.endHeaders : 0)
            output.append(header)
            output.append(contentsOf: block[offset..<offset + header.length])
            offset += header.length
            header.type = .continuation
        }
    }

    private mutating func overwrite(_ start: Int, _ header: FrameHeader) {
        output.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: header.leadingBytes.bigEndian, toByteOffset: start, as: UInt64.self)
            bytes[start + 8] = UInt8(truncatingIfNeeded: header.streamID)
        }
    }

    mutating func appendWindowUpdate(_ id: UInt32, _ increment: Int) {
        output.append(FrameHeader(length: 4, type: .windowUpdate, streamID: id))
        output.append(integer: UInt32(clamping: increment))
    }

    private mutating func appendReset(_ id: UInt32, _ code: HTTP2ErrorCode) {
        answersSent += 1
        output.append(FrameHeader(length: 4, type: .resetStream, streamID: id))
        output.append(integer: code.rawValue)
    }

    mutating func appendGoAway(_ last: UInt32, _ code: HTTP2ErrorCode) {
        output.append(FrameHeader(length: 8, type: .goAway))
        output.append(integer: last)
        output.append(integer: code.rawValue)
    }
}
