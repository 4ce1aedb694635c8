import NIOCore

/// How names of upstreams become addresses. Times are nanoseconds.
public struct NameResolution: Sendable, Hashable {
    /// Which addresses are used, and which family goes first. Raw values are the spellings of the configuration.
    public enum Family: String, Sendable, CaseIterable {
        case auto = "AUTO"
        case v4Only = "V4_ONLY"
        case v6Only = "V6_ONLY"
        case v4Preferred = "V4_PREFERRED"
        case all = "ALL"
    }

    public var family = Family.v4Preferred
    /// Addresses are used so long without another look-up.
    public var refreshRate: Int64 = 5_000_000_000
    /// A name whose look-up failed is not asked for again so long.
    public var failureRefreshRate: Int64 = 5_000_000_000
    /// How long a connection waits for addresses; 0 means no limit.
    public var queryTimeout: Int64 = 5_000_000_000

    public init() {}

    /// In the order in which they are tried: families take turns, the preferred one begins (RFC 8305 section 4).
    func ordered(_ addresses: [SocketAddress]) -> [SocketAddress] {
        let v4 = addresses.filter { $0.protocol == .inet }
        let v6 = addresses.filter { $0.protocol == .inet6 }
        switch family {
        case .v4Only: return v4
        case .v6Only: return v6
        case .v4Preferred: return Self.interleaved(v4, v6)
        case .auto, .all: return Self.interleaved(v6, v4)
        }
    }

    private static func interleaved(_ first: [SocketAddress], _ second: [SocketAddress]) -> [SocketAddress] {
        var merged: [SocketAddress] = []
        merged.reserveCapacity(first.count + second.count)
        for index in 0..<max(first.count, second.count) {
            if index < first.count { merged.append(first[index]) }
            if index < second.count { merged.append(second[index]) }
        }
        return merged
    }
}
