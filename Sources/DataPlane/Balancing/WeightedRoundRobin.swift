/// In turn, by weight and evenly spread: every place's credit grows by its weight, the richest one is chosen and pays for all.
struct WeightedRoundRobin {
    private let weights: [UInt32]
    private let total: Int64
    private var credits: [Int64]

    /// Weights are positive.
    init(weights: [UInt32]) {
        self.weights = weights
        total = weights.reduce(0) { $0 &+ Int64($1) }
        credits = Array(repeating: 0, count: weights.count)
    }

    /// Nil without places.
    mutating func next() -> Int? {
        guard weights.count > 1 else { return weights.isEmpty ? nil : 0 }
        var best = 0
        for index in weights.indices {
            credits[index] &+= Int64(weights[index])
            if credits[index] > credits[best] { best = index }
        }
        credits[best] &-= total
        return best
    }
}
