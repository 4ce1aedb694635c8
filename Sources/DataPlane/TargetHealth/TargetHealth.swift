import Routing
import Synchronization

/// What is known of one target of a route, shared by all event loops. It stays over reloads as long as the target and its checks do.
final class TargetHealth: Sendable {
    /// Requests under way.
    let active = Atomic<Int>(0)
    /// Had a request since it is known.
    let hasTraffic = Atomic<Bool>(false)
    let outliers: OutlierDetection?
    let counts = Counts()
    private let failedChecks = Atomic<UInt8>(0)
    private let isOut = Atomic<Bool>(false)
    private let ejection: Mutex<EjectionState>
    private let epoch: HealthEpoch

    /// Outcomes of requests, for outlier detection.
    struct Counts: ~Copyable, Sendable {
        /// In a row.
        let server = Atomic<Int>(0)
        let gateway = Atomic<Int>(0)
        let local = Atomic<Int>(0)
        /// Since the last look.
        let requests = Atomic<Int>(0)
        let successes = Atomic<Int>(0)
    }

    init(outliers: OutlierDetection?, epoch: HealthEpoch) {
        self.outliers = outliers
        self.epoch = epoch
        ejection = Mutex(EjectionState())
    }

    var isHealthy: Bool { failedChecks.load(ordering: .relaxed) == 0 && !isEjected }
    var isEjected: Bool { isOut.load(ordering: .relaxed) }
    var passesChecks: Bool { failedChecks.load(ordering: .relaxed) == 0 }

    /// What the check with this number says; a route has at most eight.
    func setCheck(_ number: Int, failed: Bool) {
        let bit = UInt8(1) << UInt8(number & 7)
        if failed { failedChecks.bitwiseOr(bit, ordering: .relaxed) } else { failedChecks.bitwiseAnd(~bit, ordering: .relaxed) }
        epoch.advance()
    }

    /// Takes the target out. `now` is on the clock of event loops.
    func eject(now: Int64, _ random: inout RandomSource) {
        guard let outliers else { return }
        let jitter = random.below(outliers.maxEjectionTimeJitter)
        ejection.withLock { $0.eject(now: now, jitter: jitter, outliers) }
        isOut.store(true, ordering: .relaxed)
        resetCounts()
        epoch.advance()
    }

    /// True where the target has come back.
    func sweep(now: Int64) -> Bool {
        guard ejection.withLock({ $0.sweep(now: now) }) else { return false }
        comeBack()
        return true
    }

    /// True where the target had been out.
    func uneject() -> Bool {
        guard ejection.withLock({ $0.end() }) else { return false }
        comeBack()
        return true
    }

    private func comeBack() {
        resetCounts()
        isOut.store(false, ordering: .relaxed)
        epoch.advance()
    }

    private func resetCounts() {
        counts.server.store(0, ordering: .relaxed)
        counts.gateway.store(0, ordering: .relaxed)
        counts.local.store(0, ordering: .relaxed)
    }
}

/// Grows with every change of any target's health, so that event loops notice by one comparison.
final class HealthEpoch: Sendable {
    private let counter = Atomic<UInt64>(1)

    var value: UInt64 { counter.load(ordering: .acquiring) }

    func advance() { counter.wrappingAdd(1, ordering: .releasing) }
}

/// How long a target is out. Times are nanoseconds on one clock.
struct EjectionState {
    private var count: Int64 = 0
    private var until: Int64 = 0
    private(set) var isOut = false

    mutating func eject(now: Int64, jitter: Int64, _ settings: OutlierDetection) {
        guard !isOut else { return }
        isOut = true
        count = min(count + 1, 1 << 20)
        let (product, overflow) = settings.baseEjectionTime.multipliedReportingOverflow(by: count)
        let longest = max(settings.baseEjectionTime, settings.maxEjectionTime)
        let time = overflow ? longest : min(product, longest)
        until = now.addingReportingOverflow(time).partialValue.addingReportingOverflow(jitter).partialValue
        if until < now { until = .max }
    }

    /// Called each interval: ends an ejection whose time is over, and forgets one of the earlier ones for every interval in between. True where the
    /// target comes back.
    mutating func sweep(now: Int64) -> Bool {
        if isOut { return now >= until && end() }
        count = max(0, count - 1)
        return false
    }

    mutating func end() -> Bool {
        defer { isOut = false }
        return isOut
    }
}
