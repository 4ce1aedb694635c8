import Testing

@testable import DataPlane

@Suite struct BalancerTests {
    private static let keys = (0..<20_000).map { BalancingHash.of("session-\($0)") }

    /// How often each place was chosen, as a share of all.
    private func shares(_ count: Int, places: Int, _ choose: () -> Int?) -> [Double] {
        var counts = Array(repeating: 0, count: places)
        for _ in 0..<count {
            if let place = choose() { counts[place] += 1 }
        }
        return counts.map { Double($0) / Double(count) }
    }

    private func expect(_ shares: [Double], near weights: [UInt32], within tolerance: Double) {
        let total = Double(weights.reduce(0, +))
        for (share, weight) in zip(shares, weights) {
            let wanted = Double(weight) / total
            #expect(abs(share - wanted) <= tolerance * wanted, "\(shares) for \(weights)")
        }
    }

    static let weights: [[UInt32]] = [[1], [1, 1], [1, 2, 3], [5, 1, 1, 1], [100, 1], [7, 7, 7, 7, 7, 7, 7, 7, 7, 7]]

    /// Weights, and the order of the first twelve choices.
    @Test(
        arguments: [
            ([1], "000000000000"), ([1, 1, 1], "012012012012"), ([5, 1], "000100000100"), ([1, 2, 1], "102110211021"),
        ] as [([UInt32], String)])
    func turnsAreEvenlySpread(weights: [UInt32], order: String) {
        var turns = WeightedRoundRobin(weights: weights)
        let chosen = (0..<12).compactMap { _ in turns.next() }
        #expect(chosen.count == 12)
        for index in weights.indices {
            let digit = Character("\(index)")
            #expect(chosen.count { $0 == index } == order.count { $0 == digit })
        }
    }

    @Test(arguments: weights) func turnsFollowWeightsExactly(weights: [UInt32]) {
        var turns = WeightedRoundRobin(weights: weights)
        let round = Int(weights.reduce(0, +))
        expect(shares(round * 3, places: weights.count) { turns.next() }, near: weights, within: 1e-9)
    }

    @Test(arguments: weights) func drawsFollowWeights(weights: [UInt32]) {
        var random = RandomSource(seed: 1)
        let draw = WeightedDraw(weights: weights)
        expect(shares(100_000, places: weights.count) { draw.draw(&random) }, near: weights, within: 0.15)
    }

    @Test(arguments: weights) func idleTargetsAreChosenByWeight(weights: [UInt32]) {
        var random = RandomSource(seed: 2)
        let balancer = LeastRequest(weights: weights)
        var active = Array(repeating: 0, count: weights.count)
        // Everything stays under way: what counts is the load for the weight.
        let chosen = shares(20_000, places: weights.count) {
            let place = balancer.choose(&random) { active[$0] }
            if let place { active[place] += 1 }
            return place
        }
        expect(chosen, near: weights, within: 0.05)
    }

    @Test func theLessBusyOfTwoIsChosen() {
        var random = RandomSource(seed: 3)
        let balancer = LeastRequest(weights: [1, 1])
        let chosen = shares(10_000, places: 2) { balancer.choose(&random) { $0 == 0 ? 9 : 0 } }
        // The busy one is chosen only where it was drawn three times in a row.
        #expect(chosen[0] < 0.2)
    }

    private func ring(_ names: [Int], weights: [UInt32]) -> RingHash {
        let points = RingHash.points(weights: weights)
        return RingHash(names.map { RingHash.Member(name: "http://host\($0):80", points: points[$0]) })
    }

    private func maglev(_ names: [Int], weights: [UInt32]) -> MaglevTable {
        MaglevTable(names.map { ("http://host\($0):80", weights[$0]) })
    }

    @Test(arguments: weights) func ringSharesFollowWeights(weights: [UInt32]) {
        let ring = ring(Array(weights.indices), weights: weights)
        var keys = Self.keys.makeIterator()
        // The smallest of very unequal weights has few points.
        expect(
            shares(Self.keys.count, places: weights.count) { keys.next().flatMap { ring.owner(of: $0) } }, near: weights,
            within: weights.contains(100) ? 0.8 : 0.25)
    }

    @Test(arguments: weights) func maglevSharesFollowWeights(weights: [UInt32]) {
        let table = maglev(Array(weights.indices), weights: weights)
        var keys = Self.keys.makeIterator()
        expect(shares(Self.keys.count, places: weights.count) { keys.next().flatMap { table.owner(of: $0) } }, near: weights, within: 0.15)
    }

    /// Of ten targets one leaves.
    @Test func aTargetThatLeavesTheRingMovesOnlyItsOwnKeys() {
        let weights = [UInt32](repeating: 1, count: 10)
        let all = ring(Array(0..<10), weights: weights)
        let rest = [0, 1, 2, 3, 5, 6, 7, 8, 9]
        let fewer = ring(rest, weights: weights)
        let moved = Self.keys.count { key in
            guard let before = all.owner(of: key), let after = fewer.owner(of: key) else { return true }
            return before != 4 && rest[after] != before
        }
        #expect(moved == 0)
    }

    @Test func aTargetThatLeavesMaglevMovesFewOtherKeys() {
        let weights = [UInt32](repeating: 1, count: 10)
        let all = maglev(Array(0..<10), weights: weights)
        let rest = [0, 1, 2, 3, 5, 6, 7, 8, 9]
        let fewer = maglev(rest, weights: weights)
        let moved = Self.keys.count { key in
            guard let before = all.owner(of: key), let after = fewer.owner(of: key) else { return true }
            return before != 4 && rest[after] != before
        }
        #expect(Double(moved) / Double(Self.keys.count) < 0.06)
    }

    /// What replicas and versions have to agree on.
    @Test func hashesAreTheSameEverywhere() {
        #expect(BalancingHash.of("") == BalancingHash.of("", 0))
        #expect(BalancingHash.of("session-1") == 0xA735_E486_6002_EE2B)
        #expect(BalancingHash.of("session-1") != BalancingHash.of("session-2"))
    }

    @Test func offersNothingWithoutTargets() {
        var random = RandomSource(seed: 4)
        var turns = WeightedRoundRobin(weights: [])
        let turn = turns.next()
        #expect(turn == nil)
        let drawn = WeightedDraw(weights: []).draw(&random)
        #expect(drawn == nil)
        let least = LeastRequest(weights: []).choose(&random) { _ in 0 }
        #expect(least == nil)
        #expect(RingHash([]).owner(of: 1) == nil)
        #expect(MaglevTable([]).owner(of: 1) == nil)
    }
}
