import Routing

/// Which targets of a route may be chosen now, with what its policy needs to choose. Immutable, shared by all event loops, made anew when the
/// health of a target changes.
final class TargetView: Sendable {
    /// Health of each target, as it was when the view was made.
    let health: [Bool]
    /// Places of the route's list that may be chosen, in order.
    let eligible: [Int]
    /// Their weights.
    let weights: [UInt32]
    /// Too few are healthy, so health is passed over.
    let isPanic: Bool
    let choice: Choice

    enum Choice: Sendable {
        /// Each event loop takes its own turns.
        case turns
        case draw(WeightedDraw)
        case leastRequest(LeastRequest)
        case ring(RingHash)
        case maglev(MaglevTable)
    }

    init(targets: [UpstreamTarget], health: [Bool], policy: LoadBalancingPolicy, panicThreshold: Int) {
        self.health = health
        let healthy = targets.indices.filter { health[$0] }
        isPanic = healthy.count < targets.count && healthy.count * 100 < panicThreshold * targets.count
        eligible = isPanic ? Array(targets.indices) : healthy
        let all = targets.map { $0.weight ?? 1 }
        weights = eligible.map { all[$0] }
        choice =
            switch policy {
            case _ where eligible.count < 2: .turns
            case .roundRobin: .turns
            case .random: .draw(WeightedDraw(weights: weights))
            case .leastRequest: .leastRequest(LeastRequest(weights: weights))
            case .ringHash: .ring(Self.ring(targets, all, eligible))
            case .maglev: .maglev(MaglevTable(eligible.map { (targets[$0].balancingName, all[$0]) }))
            }
    }

    private static func ring(_ targets: [UpstreamTarget], _ weights: [UInt32], _ eligible: [Int]) -> RingHash {
        let points = RingHash.points(weights: weights)
        return RingHash(eligible.map { RingHash.Member(name: targets[$0].balancingName, points: points[$0]) })
    }
}

extension UpstreamTarget {
    /// The same for the same destination, whatever its weight and its place in the list.
    var balancingName: String { "\(scheme.rawValue)://\(host):\(port)" }
}
