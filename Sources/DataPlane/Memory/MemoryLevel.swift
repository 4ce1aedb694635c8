import Synchronization

/// How much room the process has left below `memory_limit`, and so what is done for it.
public enum MemoryLevel: UInt8, Sendable, Comparable, CaseIterable {
    /// Everything is served.
    case normal
    /// Near the limit: few new connections are let in, and those that rest, or are slow to say what they want, are closed.
    case high
    /// At the limit: requests are answered 503 with the detail `overload`, and what is no request yet is ended at once.
    case full
    /// Refusing did not help: requests under way are cut.
    case exceeded

    /// As logs, metrics and `/status` name it.
    public var name: String {
        switch self {
        case .normal: "normal"
        case .high: "high"
        case .full: "full"
        case .exceeded: "exceeded"
        }
    }

    public static func < (one: MemoryLevel, other: MemoryLevel) -> Bool { one.rawValue < other.rawValue }
}

/// What the event loops can do for more room.
public enum MemoryRelief: Sendable, Equatable {
    /// Ends connections that rest, those of clients and those to applications.
    case closeResting
    /// Ends what of clients is no request yet: handshakes and heads that are not complete. Without `all` those alone that were so the last time, too:
    /// who is just arriving is left alone.
    case endUnfinished(all: Bool)
    /// Cuts a part of the requests under way: those with the most bytes waiting for their client first, then the newest. Streams that are read as
    /// fast as they are written wait for nothing, so they are the last.
    case cutRequests
}

/// What the event loops share about the memory of the process. Asking costs one relaxed load.
final class MemoryGate: Sendable {
    /// Connections of visitors that are let in at a time while the level is not normal: probes of load balancers come by new connections, and
    /// whoever is refused is better told so.
    static let reserve = 64

    private let current = Atomic<UInt8>(MemoryLevel.normal.rawValue)
    private let inReserve = Atomic<Int>(0)
    private let refused = Atomic<UInt64>(0)
    private let ended = Atomic<UInt64>(0)

    var level: MemoryLevel {
        get { MemoryLevel(rawValue: current.load(ordering: .relaxed)) ?? .normal }
        set { current.store(newValue.rawValue, ordering: .relaxed) }
    }

    var isShort: Bool { current.load(ordering: .relaxed) >= MemoryLevel.high.rawValue }
    var refusesRequests: Bool { current.load(ordering: .relaxed) >= MemoryLevel.full.rawValue }

    /// Whether a connection may come in that the reserve is for. What was let in leaves by ``leaveReserve()``.
    func enterReserve() -> Bool {
        guard inReserve.add(1, ordering: .relaxed).newValue > Self.reserve else { return true }
        leaveReserve()
        return false
    }

    func leaveReserve() { inReserve.subtract(1, ordering: .relaxed) }

    func countRefusedRequest() { refused.add(1, ordering: .relaxed) }
    func countEndedConnections(_ count: Int) { ended.add(UInt64(clamping: count), ordering: .relaxed) }

    var refusedRequests: UInt64 { refused.load(ordering: .relaxed) }
    var endedConnections: UInt64 { ended.load(ordering: .relaxed) }
}
