public import HTTPTypes

/// One of the product's own pages or APIs. One file per endpoint.
///
/// Runs as ordinary async code, away from the byte path.
public protocol ControlEndpoint: Sendable {
    /// What it serves.
    var pattern: EndpointPattern { get }
    /// Methods it answers; others get 405 with `Allow`. HEAD is answered where GET is.
    var methods: [HTTPRequest.Method] { get }

    func respond(to request: ControlRequest) async throws -> ControlResponse
}

/// Which requests belong to an endpoint.
public struct EndpointPattern: Sendable, Hashable {
    public enum Path: Sendable, Hashable {
        case exact(String)
        /// The prefix ends with a slash.
        case prefix(String)
    }

    public enum Hosts: Sendable, Hashable {
        /// Every host that reaches the listener.
        case any
        /// The host of `authenticate_service_url`.
        case authenticate
        /// Every host but the authenticate host.
        case routes
        /// This host name alone.
        case named(String)
    }

    public var path: Path
    public var hosts: Hosts

    public init(_ path: Path, on hosts: Hosts = .any) {
        self.path = path
        self.hosts = hosts
    }

    public func matches(host: String, path: String, authenticateHost: String) -> Bool {
        switch hosts {
        case .any: break
        case .authenticate: guard host == authenticateHost else { return false }
        case .routes: guard host != authenticateHost else { return false }
        case .named(let name): guard host == name else { return false }
        }
        switch self.path {
        case .exact(let exact): return path == exact
        case .prefix(let prefix):
            // By bytes: `hasPrefix` would not find a slash that a combining character follows.
            return path.utf8.starts(with: prefix.utf8)
        }
    }
}

/// The literal list of endpoints of a process. Exact paths win over prefixes, longer prefixes over shorter ones, else the first listed.
public struct EndpointRouter: Sendable {
    public let endpoints: [any ControlEndpoint]
    public let authenticateHost: String

    public init(_ endpoints: [any ControlEndpoint], authenticateHost: String) {
        self.endpoints = endpoints.enumerated().sorted { left, right in
            let (a, b) = (Self.rank(left.element.pattern), Self.rank(right.element.pattern))
            return a == b ? left.offset < right.offset : a > b
        }.map(\.element)
        self.authenticateHost = authenticateHost
    }

    private static func rank(_ pattern: EndpointPattern) -> Int {
        switch pattern.path {
        case .exact: .max
        case .prefix(let prefix): prefix.utf8.count
        }
    }

    /// Nil when no endpoint has this host and path.
    public func endpoint(host: String, path: String) -> (any ControlEndpoint)? {
        endpoints.first { $0.pattern.matches(host: host, path: path, authenticateHost: authenticateHost) }
    }

    /// Asks the endpoint, after its methods were checked.
    public func respond(to request: ControlRequest) async throws -> ControlResponse {
        guard let endpoint = endpoint(host: request.host, path: request.path) else {
            return .text("Not Found\n", status: .notFound)
        }
        let allowed = endpoint.methods
        guard allowed.contains(request.method) || (request.method == .head && allowed.contains(.get)) else {
            let names = allowed.map(\.rawValue) + (allowed.contains(.get) && !allowed.contains(.head) ? ["HEAD"] : [])
            return .methodNotAllowed(allow: names.joined(separator: ", "))
        }
        return try await endpoint.respond(to: request)
    }
}
