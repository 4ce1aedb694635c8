import Routing

/// What the answers to one check say of one target, and when to ask again.
struct HealthCheckStateMachine {
    enum Answer: Equatable {
        case passed
        /// No answer, or one that may be tried again.
        case failed
        /// An answer that says that the target is not well.
        case refused
    }

    enum Verdict: Equatable {
        case unknown, healthy, unhealthy
    }

    private let check: HealthCheck
    private(set) var verdict = Verdict.unknown
    /// Answers in a row that speak against the verdict.
    private var contradictions = 0
    /// The verdict has just changed.
    private var isEdge = false

    init(_ check: HealthCheck) {
        self.check = check
    }

    /// True where the verdict has changed. The first answer decides at once.
    mutating func answered(_ answer: Answer) -> Bool {
        isEdge = false
        let passed = answer == .passed
        switch verdict {
        case .unknown: return turn(passed ? .healthy : .unhealthy)
        case .healthy where passed, .unhealthy where !passed:
            contradictions = 0
            return false
        case .healthy:
            contradictions += 1
            guard answer == .refused || contradictions >= check.unhealthyThreshold else { return false }
            return turn(.unhealthy)
        case .unhealthy:
            contradictions += 1
            guard contradictions >= check.healthyThreshold else { return false }
            return turn(.healthy)
        }
    }

    private mutating func turn(_ verdict: Verdict) -> Bool {
        self.verdict = verdict
        contradictions = 0
        isEdge = true
        return true
    }

    /// Nanoseconds until the next probe.
    func delay(hasTraffic: Bool, _ random: inout RandomSource) -> Int64 {
        let base = interval(hasTraffic: hasTraffic)
        let share = base.multipliedReportingOverflow(by: Int64(check.intervalJitterPercent))
        let most = share.overflow ? base : share.partialValue / 100
        return base &+ min(random.below(most) &+ random.below(check.intervalJitter), .max / 4)
    }

    private func interval(hasTraffic: Bool) -> Int64 {
        let interval: Int64 =
            switch verdict {
            case _ where !hasTraffic && verdict == .healthy: check.noTrafficHealthyInterval ?? check.noTrafficInterval
            case _ where !hasTraffic: check.noTrafficInterval
            case .unhealthy: (isEdge ? check.unhealthyEdgeInterval : nil) ?? check.unhealthyInterval ?? check.interval
            case .healthy: (isEdge ? check.healthyEdgeInterval : nil) ?? check.interval
            case .unknown: check.interval
            }
        return min(interval, .max / 4)
    }
}
