/// `load_balancing_policy`: how a request's target is chosen among the healthy ones of its route.
public enum LoadBalancingPolicy: String, Sendable, Hashable, CaseIterable {
    /// In turn, by weight.
    case roundRobin = "ROUND_ROBIN"
    /// Of two drawn by weight, the one with fewer requests under way for its weight.
    case leastRequest = "LEAST_REQUEST"
    /// By the session, or by the client's address without one; a target that leaves moves only its own.
    case ringHash = "RING_HASH"
    case random = "RANDOM"
    /// As `ringHash`, with more even shares.
    case maglev = "MAGLEV"

    /// Whether the choice depends on who asks.
    public var usesHash: Bool { self == .ringHash || self == .maglev }
}
