/// Consistent hashing on a ring of points. A target that leaves gives its keys to the neighbours of its points, and no other key moves.
struct RingHash: Sendable {
    struct Member {
        /// What makes its points: the same name has the same points in every ring.
        var name: String
        var points: Int
    }

    /// Points of a target of average weight: shares then differ by some six per cent.
    private static let pointsPerTarget = 256
    private static let maxPoints = 1 << 16

    private let points: [UInt64]
    private let owners: [Int32]

    /// How many points each target has. Computed over all targets of a route, healthy or not, so that health moves no points.
    static func points(weights: [UInt32]) -> [Int] {
        let total = weights.reduce(0.0) { $0 + Double($1) }
        guard total > 0 else { return [] }
        let all = Double(min(weights.count * pointsPerTarget, maxPoints))
        return weights.map { max(1, Int((all * Double($0) / total).rounded())) }
    }

    init(_ members: [Member]) {
        var ring: [(point: UInt64, owner: Int32)] = []
        ring.reserveCapacity(members.reduce(0) { $0 + $1.points })
        for (index, member) in members.enumerated() {
            for number in 0..<member.points { ring.append((BalancingHash.of(member.name, UInt64(number)), Int32(truncatingIfNeeded: index))) }
        }
        ring.sort { $0.point == $1.point ? $0.owner < $1.owner : $0.point < $1.point }
        points = ring.map(\.point)
        owners = ring.map(\.owner)
    }

    /// The member with the first point at or behind the key's hash. Nil without members.
    func owner(of hash: UInt64) -> Int? {
        guard !points.isEmpty else { return nil }
        var (low, high) = (0, points.count)
        while low < high {
            let middle = (low + high) / 2
            if points[middle] >= hash { high = middle } else { low = middle + 1 }
        }
        return Int(owners[low == points.count ? 0 : low])
    }
}
