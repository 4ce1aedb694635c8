import Logging
import NIOCore
import Routing
import Synchronization

/// Asks one target by one check, again and again. Lives on one event loop.
final class HealthProber {
    private let check: HealthCheck
    private let number: Int
    private let eventLoop: any EventLoop
    private let resolver: NameResolver
    private let timer: DeadlineTimer
    private var machine: HealthCheckStateMachine
    private var random: RandomSource
    private var targets: RouteTargets
    private var index: Int
    private var snapshot: DataPlaneSnapshot
    private var probe: HealthProbe?
    private var lastProbe = NIODeadline.uptimeNanoseconds(0)
    private var delay: Int64 = 0

    init(
        check: HealthCheck, number: Int, of targets: RouteTargets, index: Int, eventLoop: any EventLoop, resolver: NameResolver,
        snapshot: DataPlaneSnapshot, random: RandomSource = RandomSource()
    ) {
        self.check = check
        self.number = number
        self.targets = targets
        self.index = index
        self.eventLoop = eventLoop
        self.resolver = resolver
        self.snapshot = snapshot
        self.random = random
        machine = HealthCheckStateMachine(check)
        timer = DeadlineTimer(eventLoop: eventLoop)
    }

    /// The first probe comes after so many nanoseconds, and its jitter.
    func start(after delay: Int64) {
        timer.start(self)
        let wait = delay &+ random.below(min(check.initialJitter, .max / 4))
        if wait > 0 { timer.arm(after: wait) } else { ask() }
    }

    /// A new snapshot has the same target with the same check.
    func moved(to targets: RouteTargets, index: Int, snapshot: DataPlaneSnapshot) {
        self.targets = targets
        self.index = index
        self.snapshot = snapshot
    }

    func stop() {
        timer.stop()
        probe?.cancel()
        probe = nil
    }

    private func ask() {
        lastProbe = .now()
        let probe = HealthProbe(
            check: check, target: targets.targets[index], route: targets.route, snapshot: snapshot, eventLoop: eventLoop, resolver: resolver
        ) { [self] answer, reason in answered(answer, reason) }
        self.probe = probe
        probe.start()
    }

    private func answered(_ answer: HealthCheckStateMachine.Answer, _ reason: String) {
        probe = nil
        let before = machine.verdict
        if machine.answered(answer) {
            // That a target is well from the beginning is no news.
            if before != .unknown || machine.verdict == .unhealthy {
                targets.checkChanged(index, check: number, failed: machine.verdict == .unhealthy, reason)
            }
        } else if check.alwaysLogFailures, answer != .passed {
            targets.log("a health check failed", index, reason, level: .warning)
        }
        if answer == .passed { targets.checkPassed(index) }
        delay = machine.delay(hasTraffic: hasTraffic, &random)
        schedule()
    }

    private var hasTraffic: Bool { targets.health[index].hasTraffic.load(ordering: .relaxed) }

    /// A target without traffic is looked at as often as one with it, whether it has some now.
    private func schedule() { timer.arm(after: hasTraffic ? delay : min(delay, check.interval)) }
}

extension HealthProber: DeadlineTimerOwner {
    func timerFired() {
        guard probe == nil else { return }
        if !hasTraffic, NIODeadline.now() - lastProbe < .nanoseconds(delay) { return schedule() }
        ask()
    }
}
