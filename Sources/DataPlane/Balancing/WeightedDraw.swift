/// At random, by weight.
struct WeightedDraw: Sendable {
    /// Sums of the weights up to and with each place.
    private let sums: [UInt64]

    init(weights: [UInt32]) {
        var sum: UInt64 = 0
        sums = weights.map { weight in
            sum &+= UInt64(weight)
            return sum
        }
    }

    /// Nil without places.
    func draw(_ random: inout RandomSource) -> Int? {
        guard let total = sums.last else { return nil }
        let point = random.next().multipliedFullWidth(by: total).high
        var (low, high) = (0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
