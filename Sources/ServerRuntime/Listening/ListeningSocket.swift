import Foundation
import ProxyConfig

/// A bound and listening TCP socket that belongs to this process, and that can be handed to another one.
///
/// All copies of the descriptor, in whatever process, share one queue of connections: as long as any of them is open nobody is refused.
final class ListeningSocket: Sendable {
    let descriptor: CInt
    /// Where it listens, as the system tells it.
    let place: Place

    /// Connections that wait to be accepted.
    private static let backlog: CInt = 1024

    /// A numeric address with its port, comparable between processes.
    struct Place: Sendable, Hashable {
        var family: Int32
        var address: [UInt8]
        var port: UInt16
    }

    struct Failure: Error, Sendable {
        var code: Int32
        var text: String
    }

    /// Takes the descriptor over; nil unless it is a listening TCP socket.
    init?(adopting descriptor: CInt) {
        var listening: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0, listening == 1, let place = Self.place(of: descriptor)
        else { return nil }
        self.descriptor = descriptor
        self.place = place
        Self.prepare(descriptor)
    }

    private init(descriptor: CInt, place: Place) {
        self.descriptor = descriptor
        self.place = place
        Self.prepare(descriptor)
    }

    deinit { close(descriptor) }

    /// A further descriptor of the same socket.
    func duplicate() throws(Failure) -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .last }
        return copy
    }

    /// Binds. Without a host on all addresses of both families, or of one where the machine has only that.
    static func open(_ address: ListenAddress) throws(Failure) -> ListeningSocket {
        var failure = Failure(code: EADDRNOTAVAIL, text: "no address")
        for candidate in try candidates(address) {
            do throws(Failure) {
                return try open(candidate)
            } catch {
                failure = error
                // Somebody else has it: another family would hide that.
                if error.code == EADDRINUSE || error.code == EACCES { break }
            }
        }
        throw failure
    }

    /// Whether the socket is one that `open` would have made for this address.
    func serves(_ address: ListenAddress) -> Bool {
        guard let candidates = try? Self.candidates(address) else { return false }
        return candidates.contains { Self.place($0.bytes) == place }
    }

    private struct Candidate {
        var family: Int32
        var bytes: [UInt8]
    }

    private static func candidates(_ address: ListenAddress) throws(Failure) -> [Candidate] {
        let hosts = address.host.isEmpty ? ["::", "0.0.0.0"] : [address.host]
        var found: [Candidate] = []
        for host in hosts {
            var hints = addrinfo()
            hints.ai_socktype = socketType
            hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
            var list: UnsafeMutablePointer<addrinfo>?
            let code = getaddrinfo(host, String(address.port), &hints, &list)
            guard code == 0 else { throw Failure(code: EADDRNOTAVAIL, text: String(cString: gai_strerror(code))) }
            defer { freeaddrinfo(list) }
            var entry = list
            while let info = entry?.pointee {
                if let socketAddress = info.ai_addr {
                    found.append(
                        Candidate(
                            family: info.ai_family, bytes: Array(UnsafeRawBufferPointer(start: socketAddress, count: Int(info.ai_addrlen)))))
                }
                entry = info.ai_next
            }
        }
        return found
    }

    #if canImport(Glibc)
        private static let socketType = Int32(SOCK_STREAM.rawValue)
    #else
        private static let socketType = SOCK_STREAM
    #endif

    private static func open(_ candidate: Candidate) throws(Failure) -> ListeningSocket {
        let descriptor = socket(candidate.family, socketType, 0)
        guard descriptor >= 0 else { throw .last }
        var one: CInt = 1
        var zero: CInt = 0
        let size = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
        if candidate.family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &zero, size) }
        let bound = candidate.bytes.withUnsafeBytes { bytes -> CInt in
            guard let base = bytes.baseAddress else { return -1 }
            return bind(descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard bound == 0, listen(descriptor, backlog) == 0, let place = place(of: descriptor) else {
            let failure = Failure.last
            close(descriptor)
            throw failure
        }
        return ListeningSocket(descriptor: descriptor, place: place)
    }

    private static func prepare(_ descriptor: CInt) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    private static func place(of descriptor: CInt) -> Place? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        return withUnsafeBytes(of: &storage) { place(Array($0.prefix(Int(length)))) }
    }

    /// Of the bytes of a `sockaddr_in` or `sockaddr_in6`.
    private static func place(_ bytes: [UInt8]) -> Place? {
        bytes.withUnsafeBytes { bytes -> Place? in
            guard bytes.count >= MemoryLayout<sa_family_t>.size else { return nil }
            let family = Int32(bytes.loadUnaligned(as: sa_family_t.self))
            if family == AF_INET, bytes.count >= MemoryLayout<sockaddr_in>.size {
                let address = bytes.loadUnaligned(as: sockaddr_in.self)
                return Place(
                    family: family, address: withUnsafeBytes(of: address.sin_addr) { Array($0) }, port: UInt16(bigEndian: address.sin_port))
            }
            if family == AF_INET6, bytes.count >= MemoryLayout<sockaddr_in6>.size {
                let address = bytes.loadUnaligned(as: sockaddr_in6.self)
                return Place(
                    family: family, address: withUnsafeBytes(of: address.sin6_addr) { Array($0) }, port: UInt16(bigEndian: address.sin6_port))
            }
            return nil
        }
    }
}

extension ListeningSocket.Failure {
    fileprivate static var last: Self {
        let code = errno
        return Self(code: code, text: String(cString: strerror(code)))
    }
}
