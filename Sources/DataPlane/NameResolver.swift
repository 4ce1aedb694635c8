import Dispatch
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Looks names up away from the event loop. The default asks the system (`getaddrinfo`); tests give their own.
struct NameLookup: Sendable {
    /// Blocking; addresses carry the port.
    var addresses: @Sendable (_ host: String, _ port: UInt16) throws -> [SocketAddress]

    /// The reason is a short phrase for the response code detail.
    struct Failure: Error, Sendable {
        var reason: String
    }

    static let system = NameLookup { host, port in
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Darwin)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { throw Failure(reason: String(cString: gai_strerror(status)).lowercased()) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            // The list and what it points to live until `freeaddrinfo`; each address has the type that its family names.
            if let pointer = entry.ai_addr {
                let raw = UnsafeRawPointer(pointer)
                if entry.ai_family == AF_INET {
                    addresses.append(SocketAddress(raw.loadUnaligned(as: sockaddr_in.self)))
                } else if entry.ai_family == AF_INET6 {
                    addresses.append(SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self)))
                }
            }
            next = entry.ai_next
        }
        return addresses
    }
}

/// Names to addresses for the connections of one event loop, with a short memory.
final class NameResolver {
    private struct Key: Hashable {
        var host: String
        var port: UInt16
    }

    private let eventLoop: any EventLoop
    private let lookup: NameLookup
    private let pool: NIOThreadPool
    private var cache: [Key: (addresses: [SocketAddress], until: NIODeadline)] = [:]

    /// Answers are remembered this long, so that a burst of new connections asks once.
    private static let memory = TimeAmount.seconds(5)
    private static let maxEntries = 1024

    init(eventLoop: any EventLoop, lookup: NameLookup = .system, pool: NIOThreadPool = .singleton) {
        self.eventLoop = eventLoop
        self.lookup = lookup
        self.pool = pool
    }

    /// Calls back on the event loop, at once for literals, `localhost` and what is remembered. IPv4 comes first.
    func resolve(_ host: String, port: UInt16, _ done: @escaping (Result<[SocketAddress], UpstreamFault>) -> Void) {
        if let address = try? SocketAddress(ipAddress: host, port: Int(port)) { return done(.success([address])) }
        // RFC 6761 section 6.3: these names never leave the machine.
        let name = host.lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") {
            return done(.success(["127.0.0.1", "::1"].compactMap { try? SocketAddress(ipAddress: $0, port: Int(port)) }))
        }
        let key = Key(host: name, port: port)
        if let known = cache[key], known.until > .now() { return done(.success(known.addresses)) }
        let lookup = lookup
        pool.runIfActive(eventLoop: eventLoop) { try lookup.addresses(name, port) }.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let addresses) where addresses.isEmpty: done(.failure(.nameNotFound("no addresses")))
            case .success(let addresses):
                let sorted = addresses.filter { $0.protocol == .inet } + addresses.filter { $0.protocol != .inet }
                remember(sorted, for: key)
                done(.success(sorted))
            case .failure(let failure as NameLookup.Failure): done(.failure(.nameNotFound(failure.reason)))
            case .failure: done(.failure(.nameNotFound("resolver failed")))
            }
        }
    }

    private func remember(_ addresses: [SocketAddress], for key: Key) {
        if cache.count >= Self.maxEntries { cache.removeAll() }
        cache[key] = (addresses, .now() + Self.memory)
    }
}
