/// What one event loop has counted of the requests of visitors. A value without locks: the loop changes it, and hands out copies.
public struct TrafficCounters: Sendable, Equatable {
    /// Upper bounds of the classes of ``durations``, in nanoseconds.
    public static let bounds: [Int64] = [
        1_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000,
        10_000_000_000, 60_000_000_000,
    ]

    /// Finished requests by the first digit of their status; index 0 counts those whose client left before there was an answer.
    public private(set) var finished = [UInt64](repeating: 0, count: 6)
    /// Requests under way.
    public private(set) var active = 0
    /// Finished requests by duration; the last class has no upper bound.
    public private(set) var durations = [UInt64](repeating: 0, count: bounds.count + 1)
    /// Sum of all durations in nanoseconds.
    public private(set) var durationSum: UInt64 = 0
    /// Requests that got no answer from their application.
    public var upstreamFailures: UInt64 = 0

    public init() {}

    public mutating func begin() { active &+= 1 }

    public mutating func end(status: Int, nanoseconds: Int64) {
        active &-= 1
        let digit = status / 100
        finished[(0..<finished.count).contains(digit) ? digit : 0] &+= 1
        durations[Self.bounds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count] &+= 1
        durationSum &+= UInt64(max(0, nanoseconds))
    }

    public mutating func add(_ other: TrafficCounters) {
        for index in finished.indices { finished[index] &+= other.finished[index] }
        for index in durations.indices { durations[index] &+= other.durations[index] }
        active &+= other.active
        durationSum &+= other.durationSum
        upstreamFailures &+= other.upstreamFailures
    }
}
