import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Blocking sockets for tests: every call ends after a few seconds.
struct SocketError: Error, CustomStringConvertible {
    var description: String
    init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

/// Runs blocking code beside the cooperative threads.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Result { try body() }) }
        thread.start()
    }
}

final class Socket: @unchecked Sendable {
    // Invariant for @unchecked Sendable: the descriptor never changes, and a test uses a socket on one thread at a time.
    let descriptor: Int32
    private var buffer: [UInt8] = []

    init(descriptor: Int32, timeout seconds: Int = 5) {
        self.descriptor = descriptor
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    static func connect(port: Int, receiveBuffer: Int32? = nil) throws -> Socket {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
        var address = Self.loopback(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else { throw SocketError("connect") }
        return Socket(descriptor: descriptor)
    }

    static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw SocketError("send") }
            offset += count
        }
    }

    /// Sends what fits within the time limit; the number of bytes that went.
    func sendUntilBlocked(_ bytes: [UInt8], limit: Int) -> Int {
        var sent = 0
        while sent < limit {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                sent += count
                continue
            }
            var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&poller, 1, 500) == 0 { break }
        }
        return sent
    }

    /// More bytes; empty at the end of the stream.
    func receive() throws -> [UInt8] {
        if !buffer.isEmpty {
            defer { buffer = [] }
            return buffer
        }
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count >= 0 else { throw SocketError("recv") }
        return Array(chunk.prefix(count))
    }

    func receive(until end: String) throws -> String {
        let mark = Array(end.utf8)
        var bytes: [UInt8] = []
        while true {
            if let range = bytes.firstRange(of: mark) {
                buffer = Array(bytes[range.upperBound...]) + buffer
                return String(decoding: bytes[..<range.upperBound], as: UTF8.self)
            }
            let more = try receive()
            guard !more.isEmpty else { throw SocketError("closed after \(String(decoding: bytes, as: UTF8.self).debugDescription)") }
            bytes += more
        }
    }

    func receive(count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive()
            guard !more.isEmpty else { throw SocketError("closed") }
            bytes += more
        }
        buffer = Array(bytes[count...]) + buffer
        return Array(bytes.prefix(count))
    }

    func receiveAll() throws -> String {
        var bytes: [UInt8] = []
        while true {
            let more = try receive()
            if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }

    func shutdownWrite() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes so that the peer sees a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func disconnect() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// One HTTP message as a test sees it.
struct Message: Sendable {
    var head: String
    var body: [UInt8] = []

    var startLine: String { head.split(separator: "\r\n", omittingEmptySubsequences: false).first.map(String.init) ?? "" }
    var status: Int { Int(startLine.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    var text: String { String(decoding: body, as: UTF8.self) }

    func all(_ name: String) -> [String] {
        head.split(separator: "\r\n").dropFirst().compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { return nil }
            return parts[1].trimmingCharacters(in: .whitespaces)
        }
    }

    subscript(name: String) -> String? { all(name).first }
}

extension Socket {
    /// A request or response with its content.
    func receiveMessage(hasBody: Bool = true) throws -> Message {
        var message = Message(head: try receive(until: "\r\n\r\n"))
        guard hasBody else { return message }
        if let length = message["content-length"].flatMap(Int.init) {
            message.body = try receive(count: length)
        } else if message["transfer-encoding"] == "chunked" {
            while true {
                let line = try receive(until: "\r\n")
                let size = Int(line.trimmingCharacters(in: .whitespacesAndNewlines), radix: 16) ?? 0
                if size == 0 {
                    while try receive(until: "\r\n") != "\r\n" {}
                    break
                }
                message.body += try receive(count: size)
                _ = try receive(count: 2)
            }
        }
        return message
    }
}

/// For peers that are slow on purpose.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
