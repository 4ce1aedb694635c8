import HTTPWire
import Logging
import Routing
import Testing

@testable import DataPlane

@Suite struct RouteUpstreamsTests {
    private let registry = TargetRegistry(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

    private func upstreams(
        _ count: Int, policy: LoadBalancingPolicy = .roundRobin, panic: Int = 50, outliers: OutlierDetection? = nil
    ) -> RouteUpstreams {
        let route = CompiledRoute.test(to: Array(81..<(81 + count))) { definition in
            definition.loadBalancing = policy
            definition.healthyPanicThreshold = panic
            definition.outlierDetection = outliers
        }
        return upstreams(of: route)
    }

    private func upstreams(of route: CompiledRoute) -> RouteUpstreams {
        let shared = registry.targets(of: route)
        let targets = shared.targets.map {
            RouteUpstreams.Target(target: $0, authority: ByteView($0.authority), pool: .failure(.noTargets))
        }
        return RouteUpstreams(targets: targets, shared: shared, random: RandomSource(seed: 5))
    }

    /// The places that many choices give.
    private func chosen(_ upstreams: RouteUpstreams, avoiding tried: TriedTargets = TriedTargets()) -> Set<Int> {
        Set((0..<200).compactMap { upstreams.choose(hash: BalancingHash.of("\($0)"), avoiding: tried) })
    }

    @Test(arguments: LoadBalancingPolicy.allCases) func usesEveryHealthyTarget(policy: LoadBalancingPolicy) {
        let upstreams = upstreams(4, policy: policy)
        #expect(chosen(upstreams) == [0, 1, 2, 3])
        upstreams.shared.health[2].setCheck(0, failed: true)
        #expect(chosen(upstreams) == [0, 1, 3])
        upstreams.shared.health[2].setCheck(0, failed: false)
        #expect(chosen(upstreams) == [0, 1, 2, 3])
    }

    @Test(arguments: LoadBalancingPolicy.allCases) func triesEachTargetOnce(policy: LoadBalancingPolicy) {
        let upstreams = upstreams(3, policy: policy)
        var tried = TriedTargets()
        var order: [Int] = []
        while let next = upstreams.choose(hash: 77, avoiding: tried) {
            order.append(next)
            tried.insert(next)
        }
        #expect(order.sorted() == [0, 1, 2])
    }

    @Test(arguments: [LoadBalancingPolicy.ringHash, .maglev]) func keepsASessionAtItsTarget(policy: LoadBalancingPolicy) {
        let (first, second) = (upstreams(5, policy: policy), upstreams(5, policy: policy))
        for key in 0..<50 {
            let hash = BalancingHash.of("session-\(key)")
            #expect(first.choose(hash: hash, avoiding: TriedTargets()) == second.choose(hash: hash, avoiding: TriedTargets()))
        }
    }

    /// Failed targets of four, the threshold, and who is chosen.
    @Test(
        arguments: [
            ([0], 50, [1, 2, 3]), ([0, 1], 50, [2, 3]), ([0, 1, 2], 50, [0, 1, 2, 3]), ([0, 1, 2], 20, [3]), ([0, 1, 2, 3], 50, [0, 1, 2, 3]),
            ([0, 1, 2, 3], 0, []), ([0], 100, [0, 1, 2, 3]), ([], 100, [0, 1, 2, 3]),
        ] as [([Int], Int, Set<Int>)])
    func panicsBelowTheThreshold(failed: [Int], threshold: Int, expected: Set<Int>) {
        let upstreams = upstreams(4, panic: threshold)
        for index in failed { upstreams.shared.health[index].setCheck(0, failed: true) }
        #expect(chosen(upstreams) == expected)
    }

    @Test func needsEveryCheckToPass() {
        let health = upstreams(2).shared.health[0]
        health.setCheck(0, failed: true)
        health.setCheck(7, failed: true)
        health.setCheck(0, failed: false)
        #expect(!health.isHealthy)
        health.setCheck(7, failed: false)
        #expect(health.isHealthy)
    }

    @Test func offersNothingWithoutTargets() {
        #expect(upstreams(0).choose(hash: 0, avoiding: TriedTargets()) == nil)
    }

    @Test func remembersTargetsThatStay() {
        let check = HealthCheck(probe: .tcp(TCPProbe()), timeout: 1, interval: 1, healthyThreshold: 1, unhealthyThreshold: 1)
        let before = CompiledRoute.test(to: [81, 82]) { $0.healthChecks = [check] }
        let after = CompiledRoute.test(to: [83, 82]) {
            $0.healthChecks = [check]
            $0.loadBalancing = .random
        }
        let old = registry.targets(of: before)
        #expect(old === registry.targets(of: before))
        old.health[0].setCheck(0, failed: true)
        old.health[1].setCheck(0, failed: true)
        #expect(old.load.requests.enter(limit: nil))
        registry.keepOnly([after])
        let new = registry.targets(of: after)
        #expect(new !== old)
        #expect(new.health.map(\.isHealthy) == [true, false])
        #expect(new.health[1] === old.health[1])
        #expect(new.load.requests.value == 1)
    }

    @Test func forgetsWhatWasCheckedInAnotherWay() {
        var check = HealthCheck(probe: .tcp(TCPProbe()), timeout: 1, interval: 1, healthyThreshold: 1, unhealthyThreshold: 1)
        let before = CompiledRoute.test(to: [81]) { $0.healthChecks = [check] }
        registry.targets(of: before).health[0].setCheck(0, failed: true)
        check.interval = 2
        let after = CompiledRoute.test(to: [81]) { [check] in $0.healthChecks = [check] }
        #expect(registry.targets(of: after).health[0].isHealthy)
    }

    // MARK: Outliers

    private func outliers(_ change: (inout OutlierDetection) -> Void = { _ in }) -> OutlierDetection {
        var settings = OutlierDetection()
        settings.maxEjectionPercent = 50
        change(&settings)
        return settings
    }

    private func report(_ outcomes: [RequestOutcome], _ settings: OutlierDetection, targets: Int = 4) -> RouteUpstreams {
        let upstreams = upstreams(targets, outliers: settings)
        for outcome in outcomes { upstreams.shared.report(outcome, from: 1) }
        return upstreams
    }

    @Test func takesOutWhatFailsInARow() {
        #expect(report(Array(repeating: .status(500), count: 4), outliers()).shared.health[1].isHealthy)
        let upstreams = report(Array(repeating: .status(500), count: 5), outliers())
        #expect(!upstreams.shared.health[1].isHealthy)
        #expect(chosen(upstreams) == [0, 2, 3])
    }

    @Test func aSuccessBeginsTheCountAnew() {
        let outcomes: [RequestOutcome] = Array(repeating: .status(503), count: 4) + [.status(404)] + Array(repeating: .reset, count: 4)
        #expect(report(outcomes, outliers()).shared.health[1].isHealthy)
    }

    @Test(arguments: [RequestOutcome.connectFailure, .reset, .timeout, .status(503)]) func everyFailureCounts(outcome: RequestOutcome) {
        #expect(!report(Array(repeating: outcome, count: 5), outliers()).shared.health[1].isHealthy)
    }

    @Test func gatewayFailuresCountByThemselvesWhereAsked() {
        let settings = outliers {
            $0.consecutive5xx = 100
            $0.consecutiveGatewayFailure = 2
            $0.enforcingConsecutiveGatewayFailure = 100
        }
        #expect(report([.status(500), .status(500), .status(502)], settings).shared.health[1].isHealthy)
        #expect(!report([.status(502), .timeout], settings).shared.health[1].isHealthy)
    }

    @Test func ourOwnErrorsCountByThemselvesWhereAsked() {
        let settings = outliers {
            $0.splitExternalLocalOriginErrors = true
            $0.consecutive5xx = 2
            $0.consecutiveLocalOriginFailure = 3
        }
        #expect(report([.reset, .timeout, .status(500)], settings).shared.health[1].isHealthy)
        #expect(!report([.reset, .timeout, .connectFailure], settings).shared.health[1].isHealthy)
        #expect(!report([.status(500), .reset, .status(500)], settings).shared.health[1].isHealthy)
    }

    @Test(arguments: [(50, false, 2), (25, false, 1), (24, false, 0), (0, true, 1), (100, false, 4)])
    func leavesEnoughTargets(percent: Int, always: Bool, out: Int) {
        let settings = outliers {
            $0.consecutive5xx = 1
            $0.maxEjectionPercent = percent
            $0.alwaysEjectOneHost = always
        }
        let upstreams = upstreams(4, outliers: settings)
        for index in 0..<4 { upstreams.shared.report(.status(500), from: index) }
        #expect(upstreams.shared.health.count(where: \.isEjected) == out)
        #expect(settings.canEject(of: 4) == (out > 0))
    }

    @Test func comesBackWhenAHealthCheckPasses() {
        let upstreams = report(Array(repeating: .status(500), count: 5), outliers())
        upstreams.shared.health[1].setCheck(0, failed: true)
        upstreams.shared.checkPassed(1)
        #expect(upstreams.shared.health[1].isEjected)
        upstreams.shared.health[1].setCheck(0, failed: false)
        upstreams.shared.checkPassed(1)
        #expect(upstreams.shared.health[1].isHealthy)
        #expect(chosen(upstreams) == [0, 1, 2, 3])
    }

    @Test func judgesRatesWhenSwept() {
        let settings = outliers {
            $0.consecutive5xx = 1000
            $0.successRateRequestVolume = 10
            $0.successRateMinimumHosts = 3
            $0.successRateStdevFactor = 1000
        }
        let upstreams = upstreams(4, outliers: settings)
        for number in 0..<40 {
            for index in 0..<4 { upstreams.shared.report(.status(index == 2 && number % 2 == 0 ? 500 : 200), from: index) }
        }
        var random = RandomSource(seed: 6)
        upstreams.shared.sweep(now: 0, &random)
        #expect(upstreams.shared.health.map(\.isEjected) == [false, false, true, false])
        // The time of the first ejection is the base time; the counts have begun anew.
        upstreams.shared.sweep(now: settings.baseEjectionTime - 1, &random)
        #expect(upstreams.shared.health[2].isEjected)
        upstreams.shared.sweep(now: settings.baseEjectionTime, &random)
        #expect(upstreams.shared.health[2].isHealthy)
    }
}
