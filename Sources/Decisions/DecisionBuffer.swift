public import PolicyLanguage
public import Routing

/// Decisions of one event loop on their way to the ``DecisionQueue``. Not shared between loops; adding takes no lock.
public final class DecisionBuffer {
    /// Bounds for what waits between two hand-overs, a tenth of a second apart.
    static let capacity = 1024
    static let byteCapacity = 4 << 20

    private var batch = DecisionBatch()
    private var shadow = ShadowTallies()
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

    /// Asks the shadow policies of a route that has some what they would have said.
    public func compare(_ route: CompiledRoute, _ facts: RequestFacts, isAllowed: Bool, requestID: RequestID, linesMoved: Int = 0) {
        shadow.compare(route, facts, isAllowed: isAllowed, requestID: requestID, linesMoved: linesMoved)
    }

    /// Gives everything to the queue.
    public func handOver() {
        if !shadow.isEmpty {
            batch.tallies = shadow.tallies
            batch.changes = shadow.changes
            shadow.reset()
        }
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
    /// Requests whose decision a shadow policy would change.
    public var changes: [ShadowChange] = []
    var tallies: [ShadowTally] = []

    public init() {}

    public var isEmpty: Bool { decisions.isEmpty && changes.isEmpty && dropped == 0 && tallies.isEmpty }
}
