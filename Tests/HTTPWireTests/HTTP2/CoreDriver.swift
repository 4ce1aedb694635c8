@testable import HTTPWire

/// Frames as bytes, also those that break the rules.
enum RawFrame {
    static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? payload.count
        return [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags] + number(stream) + payload
    }

    static func number(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

    static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = false) -> [UInt8] { frame(0, ends ? 1 : 0, stream, bytes) }
    static func headers(_ stream: UInt32, _ block: [UInt8], ends: Bool = true) -> [UInt8] { frame(1, ends ? 5 : 4, stream, block) }
    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] { frame(3, 0, stream, number(code)) }
    static func setting(_ id: UInt8, _ value: UInt32) -> [UInt8] { frame(4, 0, 0, [0, id] + number(value)) }
    static func window(_ stream: UInt32, _ increment: UInt32) -> [UInt8] { frame(8, 0, stream, number(increment)) }
    static let ping = frame(6, 0, 0, Array(1...8))

    /// `GET / https` for a.test.
    static let get: [UInt8] = [0x82, 0x84, 0x87, 0x41] + literal(Array("a.test".utf8))
    static let post: [UInt8] = [0x83, 0x84, 0x87, 0x41] + literal(Array("a.test".utf8))

    static func field(_ name: String, _ value: String) -> [UInt8] { [0] + literal(Array(name.utf8)) + literal(Array(value.utf8)) }
}

/// A core whose preface is behind it, and what it said.
struct CoreDriver {
    var core: HTTP2ServerCore
    private(set) var events: [HTTP2ServerCore.Event] = []
    private(set) var frames: [Frame] = []
    private(set) var bodies: [Int: [UInt8]] = [:]
    private(set) var refusals: [WireError] = []
    var now: Int64 = 0
    var takesBodies = true

    struct Frame: Equatable {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]
    }

    init(limits: HTTP2ServerCore.Limits = .init(), greets: Bool = true) {
        core = HTTP2ServerCore(limits: limits)
        guard greets else { return }
        feed(HTTP2ServerCore.preface + RawFrame.frame(4, 0, 0, []))
        events = []
        frames = []
    }

    mutating func feed(_ bytes: [UInt8]) {
        var left = bytes
        while true {
            let (consumed, event) = left.withUnsafeBytes { core.receive($0, now: now) }
            if case .data(let slot, let range, _) = event {
                bodies[slot, default: []] += left[range]
                if takesBodies { core.consumed(range.count, in: slot) }
            }
            left.removeFirst(consumed)
            if case .request(let slot) = event, case .failure(let error) = core.takeRequest(in: slot, webSocketKey: { [] }) {
                refusals.append(error)
            }
            if event == .needMore { break }
            events.append(event)
            if case .failed = event { break }
        }
        collect()
    }

    mutating func collect() {
        var output = core.output[...]
        core.outputTaken()
        while output.count >= 9 {
            let header = Array(output.prefix(9))
            let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
            let stream = header[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(Frame(type: header[3], flags: header[4], stream: stream, payload: Array(output.dropFirst(9).prefix(length))))
            output = output.dropFirst(9 + length)
        }
    }

    /// The code of the last GOAWAY.
    var goAway: HTTP2ErrorCode? {
        frames.last { $0.type == 7 }.flatMap { HTTP2ErrorCode(rawValue: $0.payload[4...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) }
    }

    /// The code of the last reset of a stream.
    func reset(_ stream: UInt32) -> HTTP2ErrorCode? {
        frames.last { $0.type == 3 && $0.stream == stream }
            .flatMap { HTTP2ErrorCode(rawValue: $0.payload.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) }
    }

    mutating func clear() {
        events = []
        frames = []
    }
}
