import HTTPWire
import NIOCore
import NIOSSL
import Pages
import Routing

/// Where the requests of one event loop may go: pools by destination, shared by all routes with the same one.
final class UpstreamDirectory {
    private let eventLoop: any EventLoop
    private let resolver: NameResolver
    private var pools: [UpstreamPool.Key: UpstreamPool] = [:]
    private var routes: [ObjectIdentifier: RouteUpstreams] = [:]

    init(eventLoop: any EventLoop, resolver: NameResolver) {
        self.eventLoop = eventLoop
        self.resolver = resolver
    }

    /// Routes are made anew with every snapshot; pools stay while they have connections.
    func snapshotChanged() {
        routes.removeAll()
        pools = pools.filter { !$0.value.isEmpty }
    }

    /// The destinations of a route, made at its first request.
    func upstreams(of route: CompiledRoute, in snapshot: DataPlaneSnapshot) -> RouteUpstreams {
        if let known = routes[ObjectIdentifier(route)] { return known }
        let made = RouteUpstreams(route: route, targets: makeTargets(of: route, in: snapshot))
        routes[ObjectIdentifier(route)] = made
        return made
    }

    private func makeTargets(of route: CompiledRoute, in snapshot: DataPlaneSnapshot) -> [RouteUpstreams.Target] {
        guard case .upstream(let targets) = route.destination else { return [] }
        return targets.map { target in
            RouteUpstreams.Target(
                target: target, authority: ByteView(target.authority), pool: pool(for: target, of: route, in: snapshot, wire: .http1),
                sharingPool: target.scheme == .https ? pool(for: target, of: route, in: snapshot, wire: .negotiated) : nil)
        }
    }

    private func pool(
        for target: UpstreamTarget, of route: CompiledRoute, in snapshot: DataPlaneSnapshot, wire asked: UpstreamWire
    ) -> Result<UpstreamPool, UpstreamFault> {
        var (host, port, wire) = (target.host, target.port, asked)
        var tls: NIOSSLContext?
        var serverName: String?
        switch target.scheme {
        case .http, .unix: break
        case .https, .unixTLS:
            do {
                tls = try snapshot.upstreamTLS(route, asked == .negotiated)
            } catch {
                return .failure(.tls(UpstreamTLSFailure(.handshake, text: "invalid_configuration")))
            }
            serverName = route.definition.upstreamTLS.serverName ?? (target.isSocketFile ? "localhost" : target.host)
        case .builtin:
            guard let builtin = snapshot.builtinTargets[target.host] else { return .failure(.noTargets) }
            (host, port) = (builtin.host, builtin.port)
        case .h2c: wire = .http2
        case .tcp: wire = .tcp
        }
        let key = UpstreamPool.Key(host: host, port: port, tls: tls.map(ObjectIdentifier.init), serverName: serverName, wire: wire)
        if let pool = pools[key] { return .success(pool) }
        let pool = UpstreamPool(key: key, tls: tls, eventLoop: eventLoop, resolver: resolver)
        pools[key] = pool
        return .success(pool)
    }

    func closeAll() {
        for pool in pools.values { pool.closeIdle() }
    }
}

/// The destinations of one route on one event loop, chosen in turn and by weight.
final class RouteUpstreams {
    struct Target {
        var target: UpstreamTarget
        /// The default Host field.
        var authority: ByteView
        var pool: Result<UpstreamPool, UpstreamFault>
        /// For requests that need HTTP/2 where the target may speak either.
        var sharingPool: Result<UpstreamPool, UpstreamFault>?

        func pool(needsHTTP2: Bool) -> Result<UpstreamPool, UpstreamFault> { needsHTTP2 ? sharingPool ?? pool : pool }
    }

    /// Kept so that its identity is not given to another object.
    let route: CompiledRoute
    let targets: [Target]
    /// The route's own filter drops everything that is written anew; otherwise the fields are copied one by one.
    let filterIsComplete: Bool
    /// Fields of ours that the route removes or sets itself.
    let suppressed: UpstreamRequestHead.OwnFields
    private var credits: [Int64]

    init(route: CompiledRoute, targets: [Target]) {
        self.route = route
        self.targets = targets
        filterIsComplete = UpstreamRequestHead.isComplete(route.requestHeaders.filter)
        suppressed = UpstreamRequestHead.OwnFields(route.definition.removeRequestHeaders + route.requestHeaders.set.map(\.name))
        credits = Array(repeating: 0, count: targets.count)
    }

    /// Smooth weighted round robin: every target's credit grows by its weight, the richest one pays for all. Nil without targets.
    func next() -> Target? {
        guard targets.count > 1 else { return targets.first }
        var total: Int64 = 0
        var best = 0
        for index in targets.indices {
            let weight = Int64(targets[index].target.weight ?? 1)
            credits[index] += weight
            total += weight
            if credits[index] > credits[best] { best = index }
        }
        credits[best] -= total
        return targets[best]
    }
}
