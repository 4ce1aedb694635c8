enum SettingID {
    static let headerTableSize: UInt16 = 1
    static let enablePush: UInt16 = 2
    static let maxConcurrentStreams: UInt16 = 3
    static let initialWindowSize: UInt16 = 4
    static let maxFrameSize: UInt16 = 5
    static let maxHeaderListSize: UInt16 = 6
    /// RFC 8441 section 3.
    static let enableConnectProtocol: UInt16 = 8
}

/// The frames that a client sends (RFC 9113 section 6), but for those of heads.
extension HTTP2ServerCore {
    // MARK: DATA

    mutating func takeData(_ header: FrameHeader, _ rest: UnsafeRawBufferPointer, now: Int64) -> (taken: Int, event: Event?) {
        var (taken, padding) = (FrameHeader.size, 0)
        if header.has(FrameFlags.padded) {
            guard header.length > 0 else { return (0, fail(.frameSizeError)) }
            guard rest.count > FrameHeader.size else { return (0, nil) }
            padding = Int(rest[FrameHeader.size])
            taken += 1
            guard padding < header.length else { return (0, fail(.protocolError)) }
        }
        let count = header.length - padding - (taken - FrameHeader.size)
        guard header.length <= receiveWindow else { return (0, fail(.flowControlError)) }
        receiveWindow -= header.length
        owed += header.length
        let endsStream = header.has(FrameFlags.endStream)
        if count > 0 {
            flood.data()
        } else if !endsStream, !flood.emptyDataFrame() || !flood.idleFrame(now: now) {
            return (0, fail(.enhanceYourCalm))
        }
        guard let slot = streams.slot(of: header.streamID) else {
            phase = .skipping(header.length - (taken - FrameHeader.size))
            let event = dataOnClosedStream(header.streamID, now: now)
            giveBackConnection()
            return (taken, event)
        }
        if let error = streamFault(of: header, count, slot) {
            phase = .skipping(header.length - (taken - FrameHeader.size))
            let event = refuse(slot, error, now: now)
            giveBackConnection()
            return (taken, event)
        }
        streams[slot].receiveWindow -= header.length
        // Padding is taken by nobody.
        streams[slot].owed += header.length - count
        streams[slot].held += count
        held += count
        if let announced = streams[slot].announced { streams[slot].announced = announced - UInt64(count) }
        giveBackConnection()
        if count == 0, !endsStream {
            phase = .skipping(padding)
            return (taken, nil)
        }
        phase = .data(slot: slot, left: count, padding: padding, endsStream: endsStream)
        return (taken, nil)
    }

    /// What is wrong with DATA on a stream that is open for us.
    private func streamFault(of header: FrameHeader, _ count: Int, _ slot: Int) -> HTTP2ErrorCode? {
        let stream = streams[slot]
        if stream.isRemoteClosed { return .streamClosed }
        guard header.length <= stream.receiveWindow else { return .flowControlError }
        guard let announced = stream.announced else { return nil }
        // RFC 9113 section 8.1.1: content is as long as it was said to be.
        let isSound = header.has(FrameFlags.endStream) ? UInt64(count) == announced : UInt64(count) <= announced
        return isSound ? nil : .protocolError
    }

    private mutating func dataOnClosedStream(_ id: UInt32, now: Int64) -> Event? {
        guard !isIgnored(id) else { return nil }
        guard id <= lastStreamID, id & 1 == 1 else { return fail(.protocolError) }
        if closed.cause(of: id) == .resetByUs { return nil }
        return resetUnknown(id, .streamClosed, now: now)
    }

    /// Opened after the connection's end was told (RFC 9113 section 6.8).
    func isIgnored(_ id: UInt32) -> Bool { goAwayID.map { id > $0 } ?? false && id & 1 == 1 }

    // MARK: Other frames of streams

    mutating func takePriority(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer, now: Int64) -> Event? {
        let slot = streams.slot(of: header.streamID)
        guard payload.count == 5 else {
            guard let slot else { return header.streamID > lastStreamID ? fail(.frameSizeError) : nil }
            return refuse(slot, .frameSizeError, now: now)
        }
        // Otherwise of no meaning (RFC 9113 section 5.3.2).
        guard payload.integer(at: 0) & 0x7FFF_FFFF == header.streamID else { return nil }
        guard let slot else { return header.streamID > lastStreamID ? fail(.protocolError) : nil }
        return refuse(slot, .protocolError, now: now)
    }

    mutating func takeReset(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer, now: Int64) -> Event? {
        guard header.streamID <= lastStreamID || isIgnored(header.streamID) else { return fail(.protocolError) }
        guard flood.reset(now: now) else { return fail(.enhanceYourCalm) }
        guard let slot = streams.slot(of: header.streamID) else { return nil }
        close(slot, .finished)
        return .closed(slot: slot)
    }

    mutating func takeWindowUpdate(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer, now: Int64) -> Event? {
        let increment = Int(payload.integer(at: 0) & 0x7FFF_FFFF)
        guard header.streamID != 0 else {
            guard increment > 0 else { return fail(.protocolError) }
            guard sendWindow + increment <= FrameHeader.maxValue else { return fail(.flowControlError) }
            sendWindow += increment
            return .windowOpened
        }
        guard header.streamID <= lastStreamID || isIgnored(header.streamID) else { return fail(.protocolError) }
        guard let slot = streams.slot(of: header.streamID) else { return nil }
        guard increment > 0 else { return refuse(slot, .protocolError, now: now) }
        guard streams[slot].sendWindow + increment <= FrameHeader.maxValue else { return refuse(slot, .flowControlError, now: now) }
        streams[slot].sendWindow += increment
        return .windowOpened
    }

    // MARK: SETTINGS

    mutating func takeSettings(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) -> Event? {
        guard !header.has(FrameFlags.acknowledgement) else { return nil }
        var hasOpened = false
        for offset in stride(from: 0, to: payload.count, by: 6) {
            let value = Int(payload.integer(at: offset + 2))
            switch UInt16(payload[offset]) << 8 | UInt16(payload[offset + 1]) {
            case SettingID.headerTableSize: encoder.allow(tableSize: value)
            case SettingID.enablePush, SettingID.enableConnectProtocol: if value > 1 { return fail(.protocolError) }
            case SettingID.initialWindowSize:
                guard value <= FrameHeader.maxValue else { return fail(.flowControlError) }
                guard streams.moveSendWindows(by: value - initialSendWindow) else { return fail(.flowControlError) }
                hasOpened = hasOpened || value > initialSendWindow
                initialSendWindow = value
            case SettingID.maxFrameSize:
                // Larger frames than the default are never sent.
                guard (FrameHeader.maxPayload...0xFF_FFFF).contains(value) else { return fail(.protocolError) }
            default: break
            }
        }
        answersSent += 1
        output.append(FrameHeader(length: 0, type: .settings, flags: FrameFlags.acknowledgement))
        return hasOpened ? .windowOpened : nil
    }
}
