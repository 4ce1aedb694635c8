import Logging
import NIOCore
import Routing
import Synchronization

/// The targets of one route, with their health and the route's load: shared by all event loops.
final class RouteTargets: Sendable {
    /// Kept so that its identity is not given to another object.
    let route: CompiledRoute
    let targets: [UpstreamTarget]
    let health: [TargetHealth]
    let load: RouteLoad
    let epoch: HealthEpoch
    private let logger: Logger
    private let current: Mutex<TargetView>

    init(route: CompiledRoute, targets: [UpstreamTarget], health: [TargetHealth], load: RouteLoad, epoch: HealthEpoch, logger: Logger) {
        self.route = route
        self.targets = targets
        self.health = health
        self.load = load
        self.epoch = epoch
        self.logger = logger
        current = Mutex(Self.makeView(route, targets, health))
    }

    private static func makeView(_ route: CompiledRoute, _ targets: [UpstreamTarget], _ health: [TargetHealth]) -> TargetView {
        TargetView(
            targets: targets, health: health.map(\.isHealthy), policy: route.definition.loadBalancing,
            panicThreshold: route.definition.healthyPanicThreshold)
    }

    /// The same object until the health of a target has changed.
    func view() -> TargetView {
        current.withLock { current in
            if !zip(current.health, health).allSatisfy({ $0 == $1.isHealthy }) { current = Self.makeView(route, targets, health) }
            return current
        }
    }

    // MARK: Outliers

    /// Counts how a request ended, and takes the target out where it was one failure too many.
    func report(_ outcome: RequestOutcome, from index: Int) {
        guard let outliers = route.definition.outlierDetection else { return }
        let target = health[index]
        target.counts.requests.wrappingAdd(1, ordering: .relaxed)
        let status = outcome.status
        if status < 500 { target.counts.successes.wrappingAdd(1, ordering: .relaxed) }
        if outliers.splitExternalLocalOriginErrors {
            if outcome.isLocal {
                return count(
                    target.counts.local, outliers.consecutiveLocalOriginFailure, outliers.enforcingConsecutiveLocalOriginFailure, index,
                    "consecutive_local_origin_failure")
            }
            Self.reset(target.counts.local)
        }
        guard status >= 500 else {
            Self.reset(target.counts.server)
            return Self.reset(target.counts.gateway)
        }
        if (502...504).contains(status) {
            count(
                target.counts.gateway, outliers.consecutiveGatewayFailure, outliers.enforcingConsecutiveGatewayFailure, index,
                "consecutive_gateway_failure")
        } else {
            Self.reset(target.counts.gateway)
        }
        count(target.counts.server, outliers.consecutive5xx, outliers.enforcingConsecutive5xx, index, "consecutive_5xx")
    }

    private static func reset(_ counter: borrowing Atomic<Int>) {
        if counter.load(ordering: .relaxed) != 0 { counter.store(0, ordering: .relaxed) }
    }

    private func count(_ counter: borrowing Atomic<Int>, _ threshold: Int, _ enforcing: Int, _ index: Int, _ reason: String) {
        guard !health[index].isEjected else { return }
        let count = counter.wrappingAdd(1, ordering: .relaxed).newValue
        guard count >= threshold else { return }
        counter.store(0, ordering: .relaxed)
        var random = RandomSource()
        eject(index, enforcing: enforcing, reason, now: Self.now, &random)
    }

    private static var now: Int64 { Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds) }

    private func eject(_ index: Int, enforcing: Int, _ reason: String, now: Int64, _ random: inout RandomSource) {
        guard let outliers = route.definition.outlierDetection, random.happens(percent: enforcing) else { return }
        let out = health.count(where: \.isEjected)
        let mayEject = (out == 0 && outliers.alwaysEjectOneHost) || (out + 1) * 100 <= outliers.maxEjectionPercent * health.count
        guard mayEject, !health[index].isEjected else { return }
        health[index].eject(now: now, &random)
        log("a target is taken out", index, reason, level: .warning)
    }

    /// Judges rates, and lets those back in whose time is over. Called each `interval`.
    func sweep(now: Int64, _ random: inout RandomSource) {
        guard let outliers = route.definition.outlierDetection else { return }
        for (index, target) in health.enumerated() where target.sweep(now: now) { log("a target is back", index, "ejection_ended", level: .info) }
        let samples = health.map { target in
            OutlierRates.Sample(
                requests: target.counts.requests.exchange(0, ordering: .relaxed),
                successes: target.counts.successes.exchange(0, ordering: .relaxed))
        }
        for index in OutlierRates.belowMean(samples, outliers) where !health[index].isEjected {
            eject(index, enforcing: outliers.enforcingSuccessRate, "success_rate", now: now, &random)
        }
        for index in OutlierRates.failing(samples, outliers) where !health[index].isEjected {
            eject(index, enforcing: outliers.enforcingFailurePercentage, "failure_percentage", now: now, &random)
        }
    }

    // MARK: Checks

    func checkChanged(_ index: Int, check: Int, failed: Bool, _ reason: String) {
        health[index].setCheck(check, failed: failed)
        log(failed ? "a target is unhealthy" : "a target is healthy", index, reason, level: failed ? .warning : .info)
    }

    /// A target that passes its checks may come back before its time.
    func checkPassed(_ index: Int) {
        guard let outliers = route.definition.outlierDetection, outliers.uneject, health[index].passesChecks else { return }
        if health[index].uneject() { log("a target is back", index, "health_check", level: .info) }
    }

    func log(_ message: Logger.Message, _ index: Int, _ reason: String, level: Logger.Level) {
        logger.log(
            level: level, message,
            metadata: ["route-name": "\(route.name)", "route-id": "\(route.id)", "target": "\(targets[index].balancingName)", "reason": "\(reason)"])
    }
}
