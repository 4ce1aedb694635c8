/// What a load balancer says in front of a connection that it passes on: who the client is (the PROXY protocol, versions 1 and 2; proxy-protocol.txt
/// of HAProxy, sections 2.1 and 2.2).
public struct ProxyProtocolHeader: Sendable, Equatable {
    /// One end of the connection that the load balancer accepted.
    public struct Endpoint: Sendable, Equatable {
        /// 4 bytes for IPv4, 16 for IPv6, in network order.
        public var address: [UInt8]
        public var port: UInt16

        public init(address: [UInt8], port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    public enum Outcome: Sendable, Equatable {
        /// What there is so far may become a header.
        case needMore
        /// A whole header, which takes this many bytes; the client's own bytes follow.
        case header(ProxyProtocolHeader, length: Int)
        case failed(ProxyProtocolError)
    }

    /// The client; nil where the load balancer speaks for itself (`LOCAL`) or cannot tell (`UNKNOWN`, a socket of a file system): the address of the
    /// connection itself holds then.
    public var source: Endpoint?
    /// What the client connected to.
    public var destination: Endpoint?

    public init(source: Endpoint?, destination: Endpoint?) {
        self.source = source
        self.destination = destination
    }

    /// The longest header of version 1, its line end included.
    public static let maxTextBytes = 107
    /// The longest header of version 2 that is taken: addresses and what is said about TLS fit many times.
    public static let maxBinaryBytes = 4096

    /// Reads the header at the front of `bytes`, of which there may be more: no byte behind the header is looked at, and what cannot become a header
    /// fails at its first wrong byte.
    public static func parse(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        if bytes.isEmpty { return .needMore }
        return bytes[0] == ProxyProtocolBinary.signature[0] ? ProxyProtocolBinary.parse(bytes) : ProxyProtocolText.parse(bytes)
    }

    public static func parse(_ bytes: [UInt8]) -> Outcome { bytes.withUnsafeBytes { parse($0) } }
}

/// Why bytes are no header of the PROXY protocol.
public enum ProxyProtocolError: Error, Sendable, Hashable, CaseIterable {
    /// The client's own bytes, or something else.
    case missing
    case malformed
    case tooLong
    /// A version, command, family or transport that cannot stand in front of this connection.
    case unsupported
    /// The checksum in the header is not that of the header.
    case checksum

    /// One phrase for the log.
    public var reason: String {
        switch self {
        case .missing: "no PROXY header"
        case .malformed: "malformed PROXY header"
        case .tooLong: "PROXY header too long"
        case .unsupported: "unsupported kind of PROXY header"
        case .checksum: "checksum of the PROXY header does not match"
        }
    }
}
