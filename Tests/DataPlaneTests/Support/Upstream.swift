import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An upstream whose behaviour a test writes down: one thread and one script run per connection.
final class Upstream: Sendable {
    let port: Int
    private let descriptor: Int32

    init(_ script: @escaping @Sendable (Socket) throws -> Void) throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptor = listener
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = Socket.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.bind(listener, address, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw SocketError("listen") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread {
            while true {
                let accepted = accept(listener, nil, nil)
                guard accepted >= 0 else { return }
                let socket = Socket(descriptor: accepted)
                Thread { try? script(socket) }.start()
            }
        }.start()
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// Answers every request with its own text as body.
    static func echo() throws -> Upstream {
        try Upstream { socket in
            while true {
                let request = try socket.receiveMessage()
                let text = request.head + request.text
                try socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(request.startLine.hasPrefix("HEAD ") ? "" : text)")
            }
        }
    }

    /// Answers every request with these bytes.
    static func fixed(_ response: String) throws -> Upstream {
        try Upstream { socket in
            while true {
                _ = try socket.receiveMessage()
                try socket.send(response)
            }
        }
    }

    /// Answers one request per connection with these bytes and closes.
    static func closing(_ response: String) throws -> Upstream {
        try Upstream { socket in
            _ = try socket.receiveMessage()
            if !response.isEmpty { try socket.send(response) }
        }
    }
}

/// A port that is taken, and on which nobody listens.
final class ClosedPort: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let descriptor = descriptor
        var address = Socket.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw SocketError("bind") }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
