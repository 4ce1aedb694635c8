import NIOCore

/// Exchanges that wait for a connection of one pool, because their routes may open no more. First come, first served.
struct WaitingExchanges {
    typealias Waiting = (exchange: UpstreamExchange, snapshot: DataPlaneSnapshot)

    private var line = CircularBuffer<Waiting>()
    /// At this length those are dropped that do not wait any more.
    private var compactsAt = Self.minCompaction

    private static let minCompaction = 64

    /// False where too many of the route wait already.
    mutating func append(_ exchange: UpstreamExchange, snapshot: DataPlaneSnapshot) -> Bool {
        guard exchange.claim.beginWaiting() else { return false }
        if line.count >= compactsAt {
            line.removeAll { !$0.exchange.claim.isPending }
            compactsAt = max(Self.minCompaction, 2 * line.count)
        }
        line.append((exchange, snapshot))
        return true
    }

    mutating func next() -> Waiting? {
        dropEnded()
        guard let next = line.popFirst() else { return nil }
        next.exchange.claim.endWaiting()
        return next
    }

    /// The first one with the leave that it needs, if it is given.
    mutating func next(
        if leave: (UpstreamExchange) -> ConnectionSlot?
    ) -> (exchange: UpstreamExchange, slot: ConnectionSlot, snapshot: DataPlaneSnapshot)? {
        dropEnded()
        guard let first = line.first, let slot = leave(first.exchange), let next = next() else { return nil }
        return (next.exchange, slot, next.snapshot)
    }

    /// Those whose client has left, or whose time was over.
    private mutating func dropEnded() {
        while let first = line.first, !first.exchange.claim.isPending { line.removeFirst() }
    }
}
