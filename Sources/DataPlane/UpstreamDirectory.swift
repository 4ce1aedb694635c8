import HTTPWire
import NIOCore
import NIOSSL
import Pages
import Routing

/// Where the requests of one event loop may go: pools by destination, shared by all routes with the same one.
final class UpstreamDirectory {
    private let eventLoop: any EventLoop
    private let resolver: NameResolver
    private let registry: TargetRegistry
    private var pools: [UpstreamPool.Key: UpstreamPool] = [:]
    private var routes: [ObjectIdentifier: RouteUpstreams] = [:]

    init(eventLoop: any EventLoop, resolver: NameResolver, registry: TargetRegistry) {
        self.eventLoop = eventLoop
        self.registry = registry
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
        let made = RouteUpstreams(targets: makeTargets(of: route, in: snapshot), shared: registry.targets(of: route))
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
