/// Consistent hashing by a table that the targets fill in turn, each in an order of its own (Eisenbud et al., "Maglev: A Fast and Reliable Software
/// Network Load Balancer", NSDI 2016, section 3.4). Shares are even to one slot; when a target leaves, few keys of the others move.
struct MaglevTable: Sendable {
    /// Primes. The greater one is for routes with so many targets that a slot of the smaller one is a noticeable share.
    private static let sizes = (small: 16_381, large: 65_537)
    private static let manyTargets = 160

    private let slots: [UInt16]

    /// Names and weights of the targets; those behind the 65,535th are not used.
    init(_ members: [(name: String, weight: UInt32)]) {
        let members = members.prefix(Int(UInt16.max))
        guard let heaviest = members.map(\.weight).max(), heaviest > 0 else {
            slots = []
            return
        }
        let size = members.count > Self.manyTargets ? Self.sizes.large : Self.sizes.small
        var places = members.map { member in
            let offset = Int(BalancingHash.of(member.name, 1) % UInt64(size))
            let step = Int(BalancingHash.of(member.name, 2) % UInt64(size - 1)) + 1
            return (next: offset, step: step, credit: UInt64(0))
        }
        var slots = [UInt16](repeating: .max, count: size)
        var filled = 0
        while filled < size {
            for (index, member) in members.enumerated() {
                places[index].credit += UInt64(member.weight)
                guard places[index].credit >= UInt64(heaviest) else { continue }
                places[index].credit -= UInt64(heaviest)
                while slots[places[index].next] != .max { places[index].next = (places[index].next + places[index].step) % size }
                slots[places[index].next] = UInt16(index)
                filled += 1
                if filled == size { break }
            }
        }
        self.slots = slots
    }

    /// Nil without members.
    func owner(of hash: UInt64) -> Int? {
        slots.isEmpty ? nil : Int(slots[Int(hash % UInt64(slots.count))])
    }
}
