import NIOCore
import NIOHPACK

/// A client that speaks HTTP/2 without TLS, frame by frame.
final class HTTP2Client: @unchecked Sendable {
    // Invariant for @unchecked Sendable: a test uses a client on one thread at a time.
    struct Frame {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]
        var fields: [(name: String, value: String)] = []

        var endsStream: Bool { type <= 1 && flags & 1 != 0 }
        var status: Int? { fields.first { $0.name == ":status" }.flatMap { Int($0.value) } }
        /// Of RST_STREAM and GOAWAY.
        var code: UInt32 { payload.suffix(4).reduce(0) { $0 << 8 | UInt32($1) } }
        var number: UInt32 { payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
    }

    let socket: Socket
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    /// Everything that came.
    private(set) var frames: [Frame] = []

    init(port: Int, settings: [(UInt8, UInt32)] = [], receiveBuffer: Int32? = nil) throws {
        socket = try Socket.connect(port: port, receiveBuffer: receiveBuffer)
        try socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        try send(4, 0, 0, settings.flatMap { [0, $0.0] + Self.number($0.1) })
    }

    static func number(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

    func send(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) throws {
        let length = payload.count
        try socket.send([UInt8(length >> 16), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags] + Self.number(stream) + payload)
    }

    func request(
        _ stream: UInt32, _ path: String = "/", method: String = "GET", host: String = "app.test", fields: [(String, String)] = [], ends: Bool = true
    ) throws {
        var block: [UInt8] = []
        for (name, value) in [(":method", method), (":scheme", "http"), (":path", path), (":authority", host)] + fields {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        try send(1, ends ? 5 : 4, stream, block)
    }

    func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = false) throws { try send(0, ends ? 1 : 0, stream, bytes) }
    func open(_ stream: UInt32, by increment: UInt32) throws { try send(8, 0, stream, Self.number(increment)) }

    func next() throws -> Frame {
        let header = try socket.receive(count: 9)
        let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
        let stream = header[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var frame = Frame(type: header[3], flags: header[4], stream: stream, payload: length > 0 ? try socket.receive(count: length) : [])
        if frame.type == 1 {
            var buffer = ByteBuffer(bytes: frame.payload)
            frame.fields = try decoder.decodeHeaders(from: &buffer).map { ($0.name, $0.value) }
        }
        frames.append(frame)
        return frame
    }

    @discardableResult
    func next(where isWanted: (Frame) -> Bool) throws -> Frame {
        while true {
            let frame = try next()
            if isWanted(frame) { return frame }
        }
    }

    /// Reads until the stream ends. Gives windows back where asked to.
    func response(_ stream: UInt32, opensWindows: Bool = true) throws -> (status: Int, body: [UInt8]) {
        var isOver = frames.contains { $0.stream == stream && ($0.endsStream || $0.type == 3) }
        while !isOver {
            let frame = try next()
            isOver = frame.stream == stream && (frame.endsStream || frame.type == 3)
            if opensWindows, frame.type == 0, !frame.payload.isEmpty {
                try open(0, by: UInt32(frame.payload.count))
                if !frame.endsStream { try open(frame.stream, by: UInt32(frame.payload.count)) }
            }
        }
        return (frames.first { $0.stream == stream && $0.status ?? 0 >= 200 }?.status ?? 0, body(stream))
    }

    func body(_ stream: UInt32) -> [UInt8] { frames.filter { $0.stream == stream && $0.type == 0 }.flatMap(\.payload) }
    func resetCode(_ stream: UInt32) -> UInt32? { frames.last { $0.stream == stream && $0.type == 3 }?.code }

    /// Whether the connection ends, without anything of more interest.
    func isEnded() throws -> Bool {
        do {
            while true { _ = try next() }
        } catch let error as SocketError {
            return error.description.hasPrefix("closed")
        }
    }
}
