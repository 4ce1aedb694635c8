/// Host and normalised path to route (reference: configuration section 4.1).
///
/// An exact host (first with its port, then without) beats every wildcard, and there is no way from an exact host to a wildcard one.
/// Within a host the routes are tried in list order and the first match wins. Immutable; finding the host takes one hash look-up whatever
/// the number of routes.
public struct RouteTable: Sendable {
    public enum Match: Sendable {
        case route(CompiledRoute)
        /// The host is known, no route of it matches the path.
        case noRoute
        /// No route has this host.
        case unknownHost
        /// An expression ran into its limits: the request must be refused, as the right route is unknown.
        case limitExceeded
    }

    private struct VirtualHost: Sendable {
        var name: [UInt8]
        var port: UInt16?
        var routes: [CompiledRoute]
        /// The next one with the same hash.
        var next: Int?
    }

    /// All routes in list order.
    public let routes: [CompiledRoute]
    private let hosts: [VirtualHost]
    /// The first one with a hash.
    private let slots: [UInt64: Int]
    private let wildcards: [CompiledRoute]
    /// `tcp+https` routes by what a CONNECT names.
    private let tunnels: [HostPattern: CompiledRoute]
    /// Hosts where clients of tunnels connect and sign in.
    private let tunnelHosts: Set<String>

    public init(_ routes: [CompiledRoute]) {
        self.routes = routes
        var hosts: [VirtualHost] = []
        var slots: [UInt64: Int] = [:]
        hosts.reserveCapacity(routes.count)
        slots.reserveCapacity(routes.count)
        for route in routes where !route.from.host.isWildcard && route.from.scheme.isHTTP {
            let pattern = route.from.host
            let hash = Self.hash(pattern.text.utf8)
            var index = slots[hash]
            while let candidate = index, hosts[candidate].port != pattern.port || !pattern.text.utf8.elementsEqual(hosts[candidate].name) {
                index = hosts[candidate].next
            }
            if let index {
                hosts[index].routes.append(route)
            } else {
                let next = slots.updateValue(hosts.count, forKey: hash)
                hosts.append(VirtualHost(name: Array(pattern.text.utf8), port: pattern.port, routes: [route], next: next))
            }
        }
        self.hosts = hosts
        self.slots = slots
        wildcards = routes.filter { $0.from.host.isWildcard && $0.from.scheme.isHTTP }
        let tunnelRoutes = routes.filter { $0.from.scheme == .tcp }
        tunnels = Dictionary(tunnelRoutes.flatMap { route in route.from.tunnels.map { ($0, route) } }) { first, _ in first }
        tunnelHosts = Set(tunnelRoutes.map(\.from.host.text))
    }

    /// `host` is lower case without port, and may end in the dot of a complete name; `port` is what the client named, if anything; `path` is
    /// normalised and without query.
    public func match(host named: UnsafeRawBufferPointer, port: UInt16?, path: UnsafeRawBufferPointer) -> Match {
        let host = named.last == UInt8(ascii: ".") ? UnsafeRawBufferPointer(rebasing: named.dropLast()) : named
        if let routes = exactHost(host, port: port) {
            return first(in: routes, path: path) { _ in true } ?? .noRoute
        }
        var known = false
        let found = first(in: wildcards, path: path) { route in
            let matches = route.from.host.matches(host: host, port: port)
            known = known || matches
            return matches
        }
        return found ?? (known ? .noRoute : .unknownHost)
    }

    /// The route of a CONNECT request: host in lower case, and the port that it must name.
    public func tunnel(host: String, port: UInt16) -> CompiledRoute? {
        tunnels[HostPattern(host: host, port: port)]
    }

    public func match(host: String, port: UInt16? = nil, path: String) -> Match {
        let (host, path) = (Array(host.lowercased().utf8), Array(path.utf8))
        return host.withUnsafeBytes { host in path.withUnsafeBytes { match(host: host, port: port, path: $0) } }
    }

    /// Whether any route answers for this host name (lower case).
    public func knows(host: String) -> Bool {
        let bytes = Array(host.utf8)
        return bytes.withUnsafeBytes { buffer in
            knowsExactly(buffer) || tunnelHosts.contains(host)
                || wildcards.contains { $0.from.host.matches(host: buffer, port: $0.from.host.port) }
        }
    }

    private func exactHost(_ host: UnsafeRawBufferPointer, port: UInt16?) -> [CompiledRoute]? {
        var index = slots[Self.hash(host)]
        var withoutPort: Int?
        while let candidate = index {
            if host.elementsEqual(hosts[candidate].name) {
                if hosts[candidate].port == nil {
                    withoutPort = candidate
                } else if hosts[candidate].port == port {
                    return hosts[candidate].routes
                }
            }
            index = hosts[candidate].next
        }
        return withoutPort.map { hosts[$0].routes }
    }

    private func knowsExactly(_ host: UnsafeRawBufferPointer) -> Bool {
        var index = slots[Self.hash(host)]
        while let candidate = index {
            if host.elementsEqual(hosts[candidate].name) { return true }
            index = hosts[candidate].next
        }
        return false
    }

    private func first(in routes: [CompiledRoute], path: UnsafeRawBufferPointer, where isCandidate: (CompiledRoute) -> Bool) -> Match? {
        for route in routes where isCandidate(route) {
            switch route.definition.path.matches(path) {
            case .matched: return .route(route)
            case .notMatched: continue
            case .limitExceeded: return .limitExceeded
            }
        }
        return nil
    }

    /// FNV-1a; the keys come from the configuration, so nobody outside can choose colliding ones.
    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}

extension RouteSource.Scheme {
    public var isHTTP: Bool { self == .http || self == .https }
}
