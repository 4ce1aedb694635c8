/// The less busy of two drawn by weight. Asking all would send everybody to the same idle one at the same time.
struct LeastRequest: Sendable {
    private let weights: [UInt32]
    private let places: WeightedDraw

    init(weights: [UInt32]) {
        self.weights = weights
        places = WeightedDraw(weights: weights)
    }

    /// `active` gives the requests under way at a place. Nil without places.
    func choose(_ random: inout RandomSource, active: (Int) -> Int) -> Int? {
        guard let first = places.draw(&random), var second = places.draw(&random) else { return nil }
        if second == first { second = places.draw(&random) ?? first }
        guard second != first else { return first }
        // Busy for its weight: a target of twice the weight may have twice the requests.
        let left = Double(max(active(first), 0)) * Double(weights[second])
        let right = Double(max(active(second), 0)) * Double(weights[first])
        return left <= right ? first : second
    }
}
