import Routing
import Synchronization

/// What one request takes of its route: a target, and its part of what the route may have under way. Given back once, by ``end()``.
struct UpstreamClaim {
    private let upstreams: RouteUpstreams
    private let hash: UInt64
    private var tried = TriedTargets()
    /// Place of the target that has the request now.
    private var index: Int?
    private var isCounted = false
    private var isRetry = false
    private(set) var isPending = false

    /// A session always gets the same target where the policy is to hash, and so does a client's address without one.
    init(_ upstreams: RouteUpstreams, session: String?, client: String) {
        self.upstreams = upstreams
        hash = upstreams.route.definition.loadBalancing.usesHash ? BalancingHash.of(session ?? client) : 0
    }

    private var load: RouteLoad { upstreams.shared.load }
    private var limits: CircuitBreakerThresholds { upstreams.route.circuitBreaker }

    /// False where the route has too many requests under way.
    mutating func begin() -> Bool {
        isCounted = load.requests.enter(limit: limits.maxRequests)
        return isCounted
    }

    /// A target that was not tried yet; nil where there is none.
    mutating func choose() -> RouteUpstreams.Target? {
        leaveTarget()
        guard let chosen = upstreams.choose(hash: hash, avoiding: tried) else { return nil }
        tried.insert(chosen)
        index = chosen
        let health = upstreams.shared.health[chosen]
        health.active.wrappingAdd(1, ordering: .relaxed)
        if !health.hasTraffic.load(ordering: .relaxed) { health.hasTraffic.store(true, ordering: .relaxed) }
        return upstreams.targets[chosen]
    }

    /// Whether another target may be tried, now that nothing could be sent to this one.
    var mayTryAnother: Bool { tried.count < min(upstreams.targets.count, TriedTargets.limit) }

    /// False where the route has too many requests that are sent again. All targets count as untried then.
    mutating func beginRetry() -> Bool {
        guard !isRetry, load.retries.enter(limit: limits.maxRetries) else { return false }
        isRetry = true
        tried = TriedTargets()
        return true
    }

    /// How the target dealt with the request.
    func report(_ outcome: RequestOutcome) {
        guard let index else { return }
        upstreams.shared.report(outcome, from: index)
    }

    /// No connection could be made. What the route itself forbids says nothing of the target.
    func report(_ fault: UpstreamFault) {
        switch fault.flags {
        case "UF": report(fault.detail == UpstreamFault.connectTimeout.detail ? .timeout : .connectFailure)
        case "UC", "UPE": report(.reset)
        case "UT": report(.timeout)
        default: break
        }
    }

    /// Leave to open a connection.
    func connectionSlot(isFirst: Bool) -> ConnectionSlot? { ConnectionSlot(load, limit: limits.maxConnections, isFirst: isFirst) }

    /// False where too many wait for a connection.
    mutating func beginWaiting() -> Bool {
        guard isCounted, !isPending else { return isPending }
        isPending = load.pending.enter(limit: limits.maxPendingRequests)
        return isPending
    }

    mutating func endWaiting() {
        if isPending { load.pending.leave() }
        isPending = false
    }

    private mutating func leaveTarget() {
        if let index { upstreams.shared.health[index].active.wrappingSubtract(1, ordering: .relaxed) }
        index = nil
    }

    mutating func end() {
        leaveTarget()
        endWaiting()
        if isRetry { load.retries.leave() }
        if isCounted { load.requests.leave() }
        (isRetry, isCounted) = (false, false)
    }
}
