import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A port whose listener takes nobody in: connections to it hang.
final class StuckPort: Sendable {
    let port: Int
    private let descriptors: [Int32]

    init() throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Socket.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var all = [listener]
        let filled = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard Glibc.bind(listener, address, length) == 0, listen(listener, 0) == 0, getsockname(listener, address, &length) == 0 else {
                    return false
                }
                // Fills the queue of connections that are not accepted.
                for _ in 0..<8 {
                    let client = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                    all.append(client)
                    _ = Glibc.connect(client, address, length)
                }
                return true
            }
        }
        guard filled else { throw SocketError("listen") }
        port = Int(UInt16(bigEndian: address.sin_port))
        descriptors = all
    }

    deinit {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }
}

/// Echoes requests at a socket file.
final class SocketFileServer: Sendable {
    private let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        let listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        descriptor = listener
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(listener, 8) == 0
            }
        }
        guard bound else { throw SocketError("bind") }
        Thread {
            while true {
                let accepted = accept(listener, nil, nil)
                guard accepted >= 0 else { return }
                let socket = Socket(descriptor: accepted)
                Thread {
                    while let request = try? socket.receiveMessage() {
                        try? socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.head.utf8.count)\r\n\r\n\(request.head)")
                    }
                }.start()
            }
        }.start()
    }

    func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        Glibc.close(descriptor)
        unlink(path)
    }
}
