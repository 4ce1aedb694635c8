/// HEADERS and CONTINUATION of a client (RFC 9113 sections 6.2 and 6.10).
extension HTTP2ServerCore {
    /// A field block may become so many times what a head may have before the connection ends: up to there the request alone is refused.
    private static let expansion = 4

    mutating func takeHeaders(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer, now: Int64) -> Event? {
        var (start, end) = (0, payload.count)
        if header.has(FrameFlags.padded) {
            guard let padding = payload.first else { return fail(.frameSizeError) }
            start = 1
            end -= Int(padding)
            guard end >= start else { return fail(.protocolError) }
        }
        var dependsOnItself = false
        if header.has(FrameFlags.priority) {
            guard end - start >= 5 else { return fail(.frameSizeError) }
            dependsOnItself = payload.integer(at: start) & 0x7FFF_FFFF == header.streamID
            start += 5
        }
        guard header.streamID & 1 == 1, !dependsOnItself else { return fail(.protocolError) }
        if let error = openFault(header.streamID) { return fail(error) }
        let fragment = UnsafeRawBufferPointer(rebasing: payload[start..<end])
        let endsStream = header.has(FrameFlags.endStream)
        guard header.has(FrameFlags.endHeaders) else {
            block = Block(streamID: header.streamID, endsStream: endsStream)
            blockBytes.removeAll(keepingCapacity: true)
            blockBytes.append(contentsOf: fragment)
            return blockBytes.count <= limits.http.maxHeadBytes ? nil : fail(.enhanceYourCalm)
        }
        return takeBlock(fragment, header.streamID, endsStream: endsStream, now: now)
    }

    mutating func takeContinuation(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer, now: Int64) -> Event? {
        guard var open = block else { return fail(.protocolError) }
        open.continuations += 1
        guard open.continuations <= FloodGuard.maxContinuations, blockBytes.count + payload.count <= limits.http.maxHeadBytes else {
            return fail(.enhanceYourCalm)
        }
        blockBytes.append(contentsOf: payload)
        guard header.has(FrameFlags.endHeaders) else {
            block = open
            return nil
        }
        block = nil
        // A second reference, so that the bytes can be read while the state changes.
        let bytes = blockBytes
        blockBytes = []
        return bytes.withUnsafeBytes { takeBlock($0, open.streamID, endsStream: open.endsStream, now: now) }
    }

    /// HEADERS on a stream that can have none (RFC 9113 sections 5.1 and 5.1.1).
    private func openFault(_ id: UInt32) -> HTTP2ErrorCode? {
        guard id <= lastStreamID, !isIgnored(id) else { return nil }
        if streams.slots.contains(where: { $0.id == id }) { return nil }
        switch closed.cause(of: id) {
        case .resetByUs: return nil
        case .finished: return .streamClosed
        case nil: return .protocolError
        }
    }

    private mutating func takeBlock(_ bytes: UnsafeRawBufferPointer, _ id: UInt32, endsStream: Bool, now: Int64) -> Event? {
        let slot = id <= lastStreamID ? streams.slot(of: id) : nil
        let isNew = id > lastStreamID && !isIgnored(id)
        let hasRoom = streams.count < limits.maxStreams
        let isTrailer = slot.map { !streams[$0].isRemoteClosed } ?? false
        beginFields(isNew && hasRoom ? .request : isTrailer && endsStream ? .trailers : .nothing)
        guard decoder.decode(bytes, into: &fields, budget: Self.expansion * limits.http.maxHeadBytes) else {
            return fail(decoder.isOverspent ? .enhanceYourCalm : .compressionError)
        }
        guard isNew else {
            // Sent before the client knew that the stream is no more.
            guard let slot else { return nil }
            guard isTrailer else { return refuse(slot, .streamClosed, now: now) }
            return endWithTrailers(slot, endsStream: endsStream, now: now)
        }
        lastStreamID = id
        guard hasRoom else {
            closed.add(id, .resetByUs)
            return resetUnknown(id, .refusedStream, now: now)
        }
        flood.data()
        self.endsStream = endsStream
        var stream = StreamState(id: id, isRemoteClosed: endsStream)
        stream.sendWindow = initialSendWindow
        stream.receiveWindow = Self.streamWindow
        return .request(slot: streams.insert(stream))
    }

    private mutating func endWithTrailers(_ slot: Int, endsStream: Bool, now: Int64) -> Event? {
        // RFC 9113 section 8.1: fields behind the content end the stream, and the content is as long as it was said to be.
        guard endsStream, streams[slot].announced ?? 0 == 0 else { return refuse(slot, .protocolError, now: now) }
        remoteEnded(slot)
        return .trailers(slot: slot)
    }
}
