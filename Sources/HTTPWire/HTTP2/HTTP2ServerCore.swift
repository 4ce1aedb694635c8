/// The server's side of one HTTP/2 connection without I/O (RFC 9113): bytes in, events and bytes out.
///
/// Feed it the unread bytes of the connection, in order and each byte once; after every event call again with what follows the consumed bytes. Stop on
/// `.needMore` until more bytes are there, and for good on `.failed`. What is to be sent piles up in ``output``, which the caller empties.
/// Streams are named by slots: small numbers that are used again once a stream is closed.
public struct HTTP2ServerCore: Sendable {
    public enum Event: Sendable, Hashable {
        /// Everything useful was taken; more bytes are needed.
        case needMore
        /// A stream was opened. ``HTTP2ServerCore/takeRequest(in:webSocketKey:)`` gives its request.
        case request(slot: Int)
        /// Content, as a range of the input of this call; possibly empty at the end. It counts as held until ``HTTP2ServerCore/consumed(_:in:)``.
        case data(slot: Int, Range<Int>, endsStream: Bool)
        /// The stream ends with fields: ``HTTP2ServerCore/takeTrailers()`` gives them.
        case trailers(slot: Int)
        /// The stream is closed, by the client or for a fault of its own. Its slot is free.
        case closed(slot: Int)
        /// More may be sent on some stream.
        case windowOpened
        /// Final: GOAWAY is in the output.
        case failed(HTTP2ErrorCode)
    }

    /// What we ask of clients.
    public struct Limits: Sendable {
        public var http: HTTPLimits
        /// Streams at a time.
        public var maxStreams: Int

        public init(http: HTTPLimits = HTTPLimits(), maxStreams: Int = 100) {
            self.http = http
            self.maxStreams = maxStreams
        }
    }

    enum Phase: Sendable {
        /// So much of the preface has come.
        case preface(Int)
        case settings
        case frames
        /// The rest of a DATA frame.
        case data(slot: Int, left: Int, padding: Int, endsStream: Bool)
        /// Bytes that nobody wants.
        case skipping(Int)
        case failed(HTTP2ErrorCode)
    }

    /// A field block that is not complete.
    struct Block: Sendable {
        var streamID: UInt32
        var endsStream: Bool
        var continuations = 0
    }

    /// What a client sends before its first frame (RFC 9113 section 3.4).
    public static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// Bytes that a client may send on a stream, and on all streams together, before they are given back.
    static let streamWindow = 256 * 1024
    static let connectionWindow = 1024 * 1024
    /// While streams hold more than this for applications that do not take it, the window of the connection is not given back: no connection makes us
    /// hold more than this and one window.
    static let heldLimit = 4 * 1024 * 1024

    /// Heads whose memory is kept, and the largest of them.
    private static let spareLimit = 8
    private static let spareBytes = 16 * 1024

    let limits: Limits
    var phase = Phase.preface(0)
    /// Frames to be sent.
    public internal(set) var output: [UInt8] = []
    /// PING and SETTINGS that were answered, and streams that were reset, since the caller took it back: what a client that does not read piles up.
    public internal(set) var answersSent = 0

    var decoder = HPACKDecoder()
    var encoder = HPACKEncoder()
    var fields: FieldCollector
    /// Memory of heads that nobody looks at any more.
    private var spareHeads: [RequestHead] = []
    var streams = StreamTable()
    var closed = ClosedStreams()
    var flood = FloodGuard()
    var lastStreamID: UInt32 = 0
    /// Streams above it are ignored.
    var goAwayID: UInt32?
    /// The client goes away.
    public internal(set) var isPeerLeaving = false
    var block: Block?
    var blockBytes: [UInt8] = []
    var endsStream = false

    var sendWindow = 65_535
    var initialSendWindow = 65_535
    var receiveWindow = connectionWindow
    /// To be given back to the connection's window.
    var owed = 0
    /// Of all streams.
    var held = 0

    public init(limits: Limits = Limits()) {
        self.limits = limits
        fields = FieldCollector(limits: limits.http)
        output.append(FrameHeader(length: 24, type: .settings))
        output.append(setting: SettingID.maxConcurrentStreams, limits.maxStreams)
        output.append(setting: SettingID.initialWindowSize, Self.streamWindow)
        output.append(setting: SettingID.maxHeaderListSize, limits.http.maxHeadBytes)
        output.append(setting: SettingID.enableConnectProtocol, 1)
        appendWindowUpdate(0, Self.connectionWindow - 65_535)
    }

    /// Streams that are not closed.
    public var streamCount: Int { streams.count }
    /// A frame or a field block has begun and is not complete: whoever began it is waited for.
    public var isInsideBlock: Bool { block != nil }

    public var hasFailed: Bool {
        if case .failed = phase { true } else { false }
    }

    // MARK: Input

    /// Takes bytes until something is to be reported. `now` is in nanoseconds of a clock that does not go back.
    ///
    /// - Returns: how many bytes were taken, and the event.
    public mutating func receive(_ input: UnsafeRawBufferPointer, now: Int64) -> (consumed: Int, event: Event) {
        var index = 0
        while true {
            switch phase {
            case .preface(let matched):
                let count = min(Self.preface.count - matched, input.count - index)
                guard count > 0 else { return (index, .needMore) }
                guard input[index..<index + count].elementsEqual(Self.preface[matched..<matched + count]) else {
                    return (index, fail(.protocolError))
                }
                index += count
                phase = matched + count == Self.preface.count ? .settings : .preface(matched + count)
            case .settings, .frames:
                guard input.count - index >= FrameHeader.size else { return (index, .needMore) }
                let rest = UnsafeRawBufferPointer(rebasing: input[index...])
                let (taken, event) = takeFrame(rest, at: index, now: now)
                index += taken
                if let event { return (index, event) }
                if taken == 0 { return (index, .needMore) }
            case .data(let slot, let left, let padding, let ends):
                let count = min(left, input.count - index)
                guard count > 0 || left == 0 else { return (index, .needMore) }
                phase = count < left ? .data(slot: slot, left: left - count, padding: padding, endsStream: ends) : .skipping(padding)
                let range = index..<index + count
                if count == left, ends { remoteEnded(slot) }
                return (range.upperBound, .data(slot: slot, range, endsStream: count == left && ends))
            case .skipping(let left):
                let count = min(left, input.count - index)
                guard count > 0 || left == 0 else { return (index, .needMore) }
                index += count
                phase = count < left ? .skipping(left - count) : .frames
            case .failed(let code): return (index, .failed(code))
            }
        }
    }

    /// Takes a whole frame, or the head of a DATA frame, if it is there.
    private mutating func takeFrame(_ rest: UnsafeRawBufferPointer, at index: Int, now: Int64) -> (taken: Int, event: Event?) {
        let header = FrameHeader(rest)
        if case .settings = phase {
            // The first frame (RFC 9113 section 3.4).
            guard header.type == .settings, !header.has(FrameFlags.acknowledgement) else { return (0, fail(.protocolError)) }
        }
        if let error = fault(of: header) { return (0, fail(error)) }
        if header.type == .data { return takeData(header, rest, now: now) }
        let size = FrameHeader.size + header.length
        guard header.type != nil else {
            guard flood.idleFrame(now: now) else { return (0, fail(.enhanceYourCalm)) }
            phase = .skipping(header.length)
            return (FrameHeader.size, nil)
        }
        guard rest.count >= size else { return (0, nil) }
        let payload = UnsafeRawBufferPointer(rebasing: rest[FrameHeader.size..<size])
        if case .settings = phase { phase = .frames }
        return (size, take(header, payload, now: now))
    }

    /// What is wrong with a frame by its header alone.
    private func fault(of header: FrameHeader) -> HTTP2ErrorCode? {
        guard header.length <= FrameHeader.maxPayload else { return .frameSizeError }
        if let block {
            // Nothing may come in between (RFC 9113 section 6.10).
            return header.type == .continuation && header.streamID == block.streamID ? nil : .protocolError
        }
        let length = header.length
        switch header.type {
        case .data, .headers, .priority, .resetStream: if header.streamID == 0 { return .protocolError }
        case .settings, .ping, .goAway: if header.streamID != 0 { return .protocolError }
        case .pushPromise, .continuation: return .protocolError
        case .windowUpdate, nil: break
        }
        switch header.type {
        case .resetStream, .windowUpdate: return length == 4 ? nil : .frameSizeError
        case .ping: return length == 8 ? nil : .frameSizeError
        case .goAway: return length >= 8 ? nil : .frameSizeError
        case .settings:
            let isSound = header.has(FrameFlags.acknowledgement) ? length == 0 : length % 6 == 0
            return isSound ? nil : .frameSizeError
        default: return nil
        }
    }

    private mutating func take(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer, now: Int64) -> Event? {
        switch header.type {
        case .headers: return takeHeaders(header, payload, now: now)
        case .continuation: return takeContinuation(header, payload, now: now)
        case .resetStream: return takeReset(header, payload, now: now)
        default: break
        }
        guard header.type == .goAway || flood.idleFrame(now: now) else { return fail(.enhanceYourCalm) }
        switch header.type {
        case .priority: return takePriority(header, payload, now: now)
        case .settings: return takeSettings(header, payload)
        case .ping:
            guard !header.has(FrameFlags.acknowledgement) else { return nil }
            answersSent += 1
            output.append(FrameHeader(length: 8, type: .ping, flags: FrameFlags.acknowledgement))
            output.append(contentsOf: payload)
            return nil
        case .goAway:
            isPeerLeaving = true
            return nil
        case .windowUpdate: return takeWindowUpdate(header, payload, now: now)
        default: return nil
        }
    }

    // MARK: Ends

    /// Ends the connection with GOAWAY.
    mutating func fail(_ code: HTTP2ErrorCode) -> Event {
        appendGoAway(lastStreamID, code)
        phase = .failed(code)
        blockBytes = []
        return .failed(code)
    }

    /// Gives the memory of the last heads and blocks back.
    public mutating func releaseStorage() {
        spareHeads = []
        blockBytes = []
        encoder.releaseStorage()
        if output.isEmpty { output = [] }
    }

    /// Empties ``output`` and keeps its memory.
    public mutating func outputTaken() {
        output.removeAll(keepingCapacity: true)
    }

    /// Everything that was answered has left.
    public mutating func answersLeft() {
        answersSent = 0
    }

    // MARK: Heads

    /// The request of the last ``Event/request(slot:)``, or what is wrong with it. `webSocketKey` gives sixteen bytes in base64, different every time.
    public mutating func takeRequest(in slot: Int, webSocketKey: () -> [UInt8]) -> Result<FieldCollector.Request, WireError> {
        do throws(WireError) {
            let request = try fields.finish(endsStream: endsStream, webSocketKey: webSocketKey)
            if case .length(let length) = request.head.bodyFraming, !endsStream { streams[slot].announced = length }
            return .success(request)
        } catch {
            return .failure(error)
        }
    }

    /// The fields of the last ``Event/trailers(slot:)``, or what is wrong with them.
    public mutating func takeTrailers() -> Result<FieldSection, WireError> {
        if let failure = fields.failure { return .failure(failure) }
        return .success(fields.trailers)
    }

    /// The memory of a head that nobody looks at any more.
    public mutating func giveBack(_ head: inout RequestHead) {
        if spareHeads.count < Self.spareLimit, head.section.bytes.capacity <= Self.spareBytes { spareHeads.append(head) }
        head = RequestHead()
    }

    mutating func beginFields(_ purpose: FieldCollector.Purpose) {
        if case .request = purpose, var spare = spareHeads.popLast() { fields.reuse(&spare) }
        fields.begin(purpose)
    }
}
