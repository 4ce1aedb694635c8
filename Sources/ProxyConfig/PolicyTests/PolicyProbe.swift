import Foundation
import HTTPWire
public import PolicyLanguage
public import Routing

/// Asks a configuration what it would do with a request that nobody sent.
public struct PolicyProbe: Sendable {
    public struct Request: Sendable {
        public var url: AbsoluteURL
        public var method: String
        public var address: IPAddress?
        public var headers: [(name: String, value: String)]

        public init(url: AbsoluteURL, method: String = "GET", address: IPAddress? = nil, headers: [(name: String, value: String)] = []) {
            self.url = url
            self.method = method
            self.address = address
            self.headers = headers
        }
    }

    public struct Finding: Sendable {
        /// Nil where none matches, or where the request does not reach a route.
        public var route: CompiledRoute?
        public var decision: PolicyDecision
        /// What happened before any policy, if something did.
        public var note: String?
        /// Whether the answer may change while nothing but the clock moves.
        public var dependsOnTime = false
    }

    private let table: RouteTable
    private let places: RoutePlaces
    private let normalizer: PathNormalizer

    public init(_ config: ConfigSnapshot) {
        self.init(table: config.table, places: config.places, settings: config.settings)
    }

    init(table: RouteTable, places: RoutePlaces, settings: Settings) {
        self.table = table
        self.places = places
        normalizer = settings.pathNormalizer
    }

    /// The route and the decision for a request of `principal` (nil: anonymous) at a moment, on the same way as a real one: normalised path, route,
    /// policies with the route's own options.
    public func ask(_ request: Request, as principal: Principal?, at now: UnixTime) -> Finding {
        let written = Array((request.url.path.isEmpty ? "/" : request.url.path).utf8)
        var bytes = written
        var note: String?
        switch normalizer.normalize(ByteView(written)) {
        case .unchanged: break
        case .rewritten(let normalized): bytes = normalized
        case .redirect(let normalized):
            bytes = normalized
            note = "the path is redirected to its normal form first"
        case .rejected:
            return Finding(decision: PolicyDecision(PolicyVerdict.routeNotFound), note: "the path is refused with 400 before any policy")
        }
        let path = String(decoding: bytes, as: UTF8.self)
        if path == "/.pomerium" || path.hasPrefix("/.pomerium/") {
            return Finding(decision: PolicyDecision(PolicyVerdict.controlRoute), note: "a path of the proxy itself, which no policy guards")
        }
        guard let route = route(request.url, path) else {
            return Finding(decision: PolicyDecision(PolicyVerdict.routeNotFound), note: note ?? "no route matches")
        }
        let raw = FactText(bytes: bytes)
        let facts = RequestFacts(
            principal: principal, method: FactText(request.method), path: raw.percentDecoded ?? raw, host: FactText(request.url.host),
            query: FactText(request.url.query ?? ""), headers: HeaderFacts(request.headers), clientAddress: request.address,
            hasClientAuthority: false, now: now)
        let policies = places.policies(of: route)
        return Finding(
            route: route, decision: PolicyDecision(policies, facts, explains: true), note: note,
            dependsOnTime: policies.contains { $0.dependencies.contains(.time) })
    }

    private func route(_ url: AbsoluteURL, _ path: String) -> CompiledRoute? {
        if url.scheme.hasPrefix("tcp") {
            return url.port.flatMap { table.tunnel(host: url.host, port: $0) }
        }
        guard case .route(let route) = table.match(host: url.host, port: url.port, path: path) else { return nil }
        return route
    }
}
