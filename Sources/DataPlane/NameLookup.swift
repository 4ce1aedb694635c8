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
        /// The name does not exist, and whoever had its addresses before may have no right to its requests.
        var isFinal = false
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
        guard status == 0 else {
            throw Failure(reason: String(cString: gai_strerror(status)).lowercased(), isFinal: status == EAI_NONAME)
        }
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
