import Synchronization

/// The current snapshot. Replacing it is atomic; readers on event loops keep a copy and take the lock only when the epoch has changed.
public final class SnapshotHolder: Sendable {
    private let current: Mutex<DataPlaneSnapshot>
    private let epochCounter = Atomic<UInt64>(1)

    public init(_ snapshot: DataPlaneSnapshot) {
        current = Mutex(snapshot)
    }

    /// Grows with every replacement.
    public var epoch: UInt64 { epochCounter.load(ordering: .acquiring) }

    public var snapshot: DataPlaneSnapshot { current.withLock { $0 } }

    /// Requests that begin from now on see the new snapshot; those under way keep theirs.
    public func replace(_ snapshot: DataPlaneSnapshot) {
        current.withLock { current in
            current = snapshot
            epochCounter.add(1, ordering: .releasing)
        }
    }

    /// The snapshot with its epoch, which may be older than the snapshot but never newer.
    func read() -> (epoch: UInt64, snapshot: DataPlaneSnapshot) {
        current.withLock { (epochCounter.load(ordering: .acquiring), $0) }
    }
}
