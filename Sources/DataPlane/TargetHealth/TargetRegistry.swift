import Logging
import Routing
import Synchronization

/// The health of all targets of the process, kept over snapshots: a route that is made anew finds what is known of the targets that it still has.
final class TargetRegistry: Sendable {
    /// A target in the eyes of one route; where its checks change, nothing is known of it any more.
    struct Key: Hashable {
        var origin: String
        var target: UpstreamTarget
        var checks: [HealthCheck]
        var outliers: OutlierDetection?
        var tls: UpstreamTLSSettings
    }

    private struct State {
        var health: [Key: TargetHealth] = [:]
        var loads: [String: RouteLoad] = [:]
        var routes: [ObjectIdentifier: RouteTargets] = [:]
    }

    let epoch = HealthEpoch()
    private let logger: Logger
    private let state = Mutex(State())

    init(logger: Logger) {
        self.logger = logger
    }

    /// The same object for the same route.
    func targets(of route: CompiledRoute) -> RouteTargets {
        state.withLock { state in
            if let known = state.routes[ObjectIdentifier(route)] { return known }
            let origin = Self.origin(of: route)
            let load = state.loads[origin] ?? RouteLoad()
            state.loads[origin] = load
            let made = RouteTargets(
                route: route, targets: Self.targets(route), health: health(of: route, &state), load: load, epoch: epoch, logger: logger)
            state.routes[ObjectIdentifier(route)] = made
            return made
        }
    }

    private func health(of route: CompiledRoute, _ state: inout State) -> [TargetHealth] {
        // Of what is neither checked nor judged there is nothing to remember.
        guard route.watchesHealth else { return Self.targets(route).map { _ in TargetHealth(outliers: nil, epoch: epoch) } }
        return Self.keys(of: route).map { key in
            if let known = state.health[key] { return known }
            let made = TargetHealth(outliers: key.outliers, epoch: epoch)
            state.health[key] = made
            return made
        }
    }

    /// Forgets everything but what these routes have, and what old ones have under way.
    func keepOnly(_ routes: [CompiledRoute]) {
        let identities = Set(routes.map(ObjectIdentifier.init))
        var keys = Set<Key>()
        for route in routes where route.watchesHealth { keys.formUnion(Self.keys(of: route)) }
        state.withLock { state in
            state.routes = state.routes.filter { identities.contains($0.key) }
            state.loads = state.loads.filter { !$0.value.isIdle }
            state.health = state.health.filter { keys.contains($0.key) }
        }
    }

    static func targets(_ route: CompiledRoute) -> [UpstreamTarget] {
        if case .upstream(let targets) = route.destination { targets } else { [] }
    }

    /// Of each target, in order.
    static func keys(of route: CompiledRoute) -> [Key] {
        let origin = origin(of: route)
        let definition = route.definition
        return targets(route).map { target in
            var target = target
            target.weight = nil
            return Key(
                origin: origin, target: target, checks: definition.healthChecks, outliers: definition.outlierDetection, tls: definition.upstreamTLS)
        }
    }

    /// What stays the same where a route's destination changes.
    private static func origin(of route: CompiledRoute) -> String {
        switch route.definition.path {
        case .any: route.from.text
        case .exact(let bytes): "\(route.from.text) path \(String(decoding: bytes, as: UTF8.self))"
        case .prefix(let bytes): "\(route.from.text) prefix \(String(decoding: bytes, as: UTF8.self))"
        case .regex(let regex): "\(route.from.text) regex \(regex.pattern)"
        }
    }
}

extension CompiledRoute {
    /// Something can make a target of the route unhealthy.
    var watchesHealth: Bool { !definition.healthChecks.isEmpty || definition.outlierDetection != nil }
}
