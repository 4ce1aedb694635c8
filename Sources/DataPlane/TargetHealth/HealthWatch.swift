import NIOCore
import Routing

/// Runs the health checks and the regular part of outlier detection, on one event loop, for the routes of the current snapshot.
final class HealthWatch {
    private struct Key: Hashable {
        var target: TargetRegistry.Key
        var check: Int
    }

    private let eventLoop: any EventLoop
    private let holder: SnapshotHolder
    private let registry: TargetRegistry
    private let resolver: NameResolver
    private var epoch: UInt64 = 0
    private var probers: [Key: HealthProber] = [:]
    private var sweeps: [(targets: RouteTargets, interval: Int64, next: Int64)] = []
    private var random = RandomSource()
    private var isStopped = false

    /// How often a new snapshot is looked for. Intervals of outlier detection are no finer.
    static let interval = TimeAmount.milliseconds(100)

    /// Checks that begin together; each further one begins a millisecond later than the one before.
    private static let startedAtOnce: Int64 = 64
    private static let startDelay: Int64 = 1_000_000

    init(eventLoop: any EventLoop, holder: SnapshotHolder, registry: TargetRegistry, resolver: NameResolver) {
        self.eventLoop = eventLoop
        self.holder = holder
        self.registry = registry
        self.resolver = resolver
    }

    /// Called every ``interval``.
    func tick() {
        guard !isStopped else { return }
        if holder.epoch != epoch {
            let (epoch, snapshot) = holder.read()
            self.epoch = epoch
            follow(snapshot)
        }
        let now = Self.now
        for index in sweeps.indices where now >= sweeps[index].next {
            sweeps[index].next = now &+ sweeps[index].interval
            sweeps[index].targets.sweep(now: now, &random)
        }
    }

    func stop() {
        isStopped = true
        for prober in probers.values { prober.stop() }
        probers = [:]
        sweeps = []
    }

    private static var now: Int64 { Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds) }

    /// Targets that are still there keep what is known of them; checks of those that are not end.
    private func follow(_ snapshot: DataPlaneSnapshot) {
        let routes = snapshot.routes.routes
        registry.keepOnly(routes)
        var left = probers
        var started: Int64 = 0
        probers = [:]
        sweeps = []
        for route in routes where route.watchesHealth {
            if let outliers = route.definition.outlierDetection, !TargetRegistry.targets(route).isEmpty {
                sweeps.append((registry.targets(of: route), outliers.interval, Self.now &+ outliers.interval))
            }
            for (number, check) in route.definition.healthChecks.enumerated() {
                let targets = registry.targets(of: route)
                for (index, key) in TargetRegistry.keys(of: route).enumerated() where key.target.scheme != .builtin {
                    let key = Key(target: key, check: number)
                    guard probers[key] == nil else { continue }
                    if let running = left.removeValue(forKey: key) {
                        running.moved(to: targets, index: index, snapshot: snapshot)
                        probers[key] = running
                        continue
                    }
                    let prober = HealthProber(
                        check: check, number: number, of: targets, index: index, eventLoop: eventLoop, resolver: resolver, snapshot: snapshot)
                    probers[key] = prober
                    prober.start(after: max(0, started - Self.startedAtOnce) * Self.startDelay)
                    started += 1
                }
            }
        }
        for prober in left.values { prober.stop() }
    }

    var proberCount: Int { probers.count }
}
