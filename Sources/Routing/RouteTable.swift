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

    /// All routes in list order.
    public let routes: [CompiledRoute]
    /// Hosts without a wildcard, of routes of every kind, each once, in list order.
    public let hostNames: [String]
    private let hosts: HostIndex
    private let wildcards: [CompiledRoute]
    /// `tcp+https` routes by what a CONNECT names.
    private let tunnels: [HostPattern: CompiledRoute]
    /// Hosts where clients of tunnels connect and sign in.
    private let tunnelHosts: Set<String>

    public init(_ routes: [CompiledRoute]) {
        self.routes = routes
        var hosts = HostIndex(capacity: routes.count)
        var names: [String] = []
        var wildcards: [CompiledRoute] = []
        var tunnels: [HostPattern: CompiledRoute] = [:]
        var tunnelHosts: Set<String> = []
        for (index, route) in routes.enumerated() {
            let (pattern, scheme) = (route.from.host, route.from.scheme)
            var isNewName = !pattern.isWildcard && !tunnelHosts.contains(pattern.text)
            if pattern.isWildcard {
                if scheme.isHTTP { wildcards.append(route) }
            } else if scheme.isHTTP {
                isNewName = hosts.add(route: index, pattern) && isNewName
            } else {
                isNewName = isNewName && !hosts.knows(pattern.text)
            }
            if isNewName { names.append(pattern.text) }
            if scheme == .tcp {
                tunnelHosts.insert(pattern.text)
                for tunnel in route.from.tunnels where tunnels[tunnel] == nil { tunnels[tunnel] = route }
            }
        }
        hosts.finish()
        self.hosts = hosts
        hostNames = names
        self.wildcards = wildcards
        self.tunnels = tunnels
        self.tunnelHosts = tunnelHosts
    }

    /// `host` is lower case without port, and may end in the dot of a complete name; `port` is what the client named, if anything; `path` is
    /// normalised and without query.
    public func match(host named: UnsafeRawBufferPointer, port: UInt16?, path: UnsafeRawBufferPointer) -> Match {
        let host = named.last == UInt8(ascii: ".") ? UnsafeRawBufferPointer(rebasing: named.dropLast()) : named
        if let indices = hosts.routes(of: host, port: port) {
            for index in indices {
                if let match = Self.match(routes[Int(index)], path) { return match }
            }
            return .noRoute
        }
        var known = false
        for route in wildcards where route.from.host.matches(host: host, port: port) {
            known = true
            if let match = Self.match(route, path) { return match }
        }
        return known ? .noRoute : .unknownHost
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
        if hosts.knows(host) || tunnelHosts.contains(host) { return true }
        var name = host
        return name.withUTF8 { bytes in
            wildcards.contains { $0.from.host.matches(host: UnsafeRawBufferPointer(bytes), port: $0.from.host.port) }
        }
    }

    /// Nil where the next route is to be tried.
    private static func match(_ route: CompiledRoute, _ path: UnsafeRawBufferPointer) -> Match? {
        switch route.definition.path.matches(path) {
        case .matched: .route(route)
        case .notMatched: nil
        case .limitExceeded: .limitExceeded
        }
    }
}

extension RouteSource.Scheme {
    public var isHTTP: Bool { self == .http || self == .https }
}
