import HTTPWire

/// What must hold for every field block: what is decoded is decoded again from what the encoder makes of it, and a limit that ends one request leaves the
/// table as it was. Nil when it holds, the broken rule otherwise.
public func hpackViolation(_ bytes: [UInt8]) -> String? {
    var (whole, small) = (HPACKDecoder(), HPACKDecoder())
    var (fields, few) = (FieldCollector(), FieldCollector(limits: HTTPLimits(maxHeadBytes: 64, maxFields: 2)))
    var encoder = HPACKEncoder()
    var again = HPACKDecoder()
    // Blocks of the same connection are separated by a byte that few blocks have.
    for block in bytes.split(separator: 0xFD, maxSplits: 8, omittingEmptySubsequences: false).map(Array.init) {
        fields.begin()
        few.begin()
        let isSound = block.withUnsafeBytes { whole.decode($0, into: &fields) }
        guard block.withUnsafeBytes({ small.decode($0, into: &few) }) == isSound else { return "limits change what is an error of the coding" }
        guard isSound else { return nil }
        guard let head = try? fields.finish(endsStream: true, webSocketKey: { [] }).head else { continue }
        if (try? few.finish(endsStream: true, webSocketKey: { [] })) != nil, head.bytes.count > 64 { return "a head beyond its limit" }
        for _ in 0..<3 {
            var lines: [UInt8] = []
            for field in head.fields where head.section.name(field) != "transfer-encoding" {
                lines += head.section.name(field).array + [0x3A, 0x20] + head.section.value(field).array + [0x0D, 0x0A]
            }
            var block: [UInt8] = []
            encoder.begin(&block)
            encoder.append(lines, to: &block)
            var read = FieldCollector(limits: HTTPLimits(maxHeadBytes: 1 << 20))
            read.begin()
            guard block.withUnsafeBytes({ again.decode($0, into: &read) }) else { return "what was encoded cannot be decoded" }
            // Neither method nor path: only the fields are compared.
            guard read.lines == lines else { return "what was encoded is read differently" }
        }
    }
    return nil
}

/// What must hold for everything that a client may send: the same bytes give the same events and the same answers however they arrive, and neither what is
/// held nor what is answered grows beyond its bound. The first byte says how the bytes are cut.
public func http2Violation(_ bytes: [UInt8]) -> String? {
    guard let cut = bytes.first else { return nil }
    let input = HTTP2ServerCore.preface + [0, 0, 0, 4, 0, 0, 0, 0, 0] + bytes.dropFirst()
    var all = HTTP2Transcript()
    all.feed(input)
    if let violation = all.violation { return violation }
    for size in [1, 1 + Int(cut) % 61] {
        var pieces = HTTP2Transcript()
        for start in stride(from: 0, to: input.count, by: size) { pieces.feed(Array(input[start..<min(start + size, input.count)])) }
        if let violation = pieces.violation { return violation }
        guard pieces.events == all.events else { return "in pieces of \(size): \(pieces.events) instead of \(all.events)" }
        guard pieces.sent == all.sent else { return "in pieces of \(size) other frames are sent" }
    }
    return nil
}

/// Everything that a core reports about what it is fed, as an application that answers each second request would see it.
struct HTTP2Transcript {
    private(set) var events: [String] = []
    private(set) var sent: [UInt8] = []
    private(set) var violation: String?
    private var core = HTTP2ServerCore(limits: .init(maxStreams: 4))
    private var left: [UInt8] = []
    private var open: Set<Int> = []
    private var isOver = false
    /// The pieces of one frame's content, however it arrives.
    private var content: (slot: Int, bytes: [UInt8])?

    init() {}

    mutating func feed(_ bytes: [UInt8]) {
        left += bytes
        while !isOver {
            let (consumed, event) = left.withUnsafeBytes { core.receive($0, now: 0) }
            guard consumed <= left.count else {
                violation = "more was taken than there was"
                return
            }
            let taken = Array(left[..<consumed])
            left.removeFirst(consumed)
            take(event, taken)
            sent += core.output
            core.outputTaken()
            if !isOver, core.streamCount != open.count { violation = "\(core.streamCount) streams instead of \(open.count)" }
            if event == .needMore { break }
        }
        if left.count > 16 * 1024 + 9 { violation = "more is held than a frame" }
    }

    private mutating func take(_ event: HTTP2ServerCore.Event, _ taken: [UInt8]) {
        switch event {
        case .needMore: return
        case .data(let slot, let range, let ends):
            guard open.contains(slot) else {
                violation = "content of a stream that is not open"
                return
            }
            let old = content?.slot == slot ? content?.bytes ?? [] : []
            if content?.slot != slot { note() }
            content = (slot, old + taken[range])
            core.consumed(range.count, in: slot)
            if ends {
                note()
                events.append("end \(slot)")
            }
            return
        case .request(let slot):
            note()
            guard open.insert(slot).inserted else {
                violation = "a slot is used twice"
                return
            }
            switch core.takeRequest(in: slot, webSocketKey: { [0x6B] }) {
            case .success(var request):
                events.append("\(slot) \(request.head.methodView) \(request.head.originTargetView) \(request.head.fields.count)")
                core.giveBack(&request.head)
                if slot % 2 == 1 { answer(slot) }
            case .failure(let error):
                events.append("\(slot) \(error)")
                open.remove(slot)
                core.reset(slot, .protocolError)
            }
        case .trailers(let slot):
            note()
            events.append("trailers \(slot) \(core.takeTrailers().map(\.fields.count))")
        case .closed(let slot):
            note()
            if open.remove(slot) == nil { violation = "a stream closes twice" }
            events.append("closed \(slot)")
        case .windowOpened:
            note()
            events.append("window")
        case .failed(let code):
            note()
            isOver = true
            open = []
            events.append("failed \(code)")
        }
    }

    private mutating func note() {
        guard let content else { return }
        self.content = nil
        if !content.bytes.isEmpty { events.append("data \(content.slot) \(content.bytes)") }
    }

    private mutating func answer(_ slot: Int) {
        _ = core.writeHead(200, Array("server: x\r\n".utf8), [], contentLength: 0, endsStream: true, in: slot)
        if core.localEnded(slot) { open.remove(slot) }
    }
}
