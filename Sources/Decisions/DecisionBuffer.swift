/// Decisions of one event loop on their way to the ``DecisionQueue``. Not shared between loops; adding takes no lock.
public final class DecisionBuffer {
    /// Bounds for what waits between two hand-overs, a tenth of a second apart.
    static let capacity = 1024
    static let byteCapacity = 4 << 20

    private var batch = DecisionBatch()
    private let queue: DecisionQueue

    public init(queue: DecisionQueue) {
        self.queue = queue
        batch.decisions.reserveCapacity(16)
    }

    /// Keeps a decision, or counts it where too many wait.
    public func add(_ decision: DecidedRequest) {
        guard batch.decisions.count < Self.capacity, batch.size + decision.size <= Self.byteCapacity else {
            batch.dropped &+= 1
            return
        }
        batch.decisions.append(decision)
        batch.size += decision.size
    }

    /// Gives everything to the queue.
    public func handOver() {
        guard !batch.isEmpty else { return }
        queue.submit(batch)
        batch = DecisionBatch()
    }

    deinit { handOver() }
}

/// What one event loop hands over at a time.
public struct DecisionBatch: Sendable {
    public var decisions: [DecidedRequest] = []
    /// Decisions that were counted instead of kept.
    public var dropped: UInt64 = 0
    /// Bytes of `decisions`.
    public var size = 0

    public init() {}

    public var isEmpty: Bool { decisions.isEmpty && dropped == 0 }
}
