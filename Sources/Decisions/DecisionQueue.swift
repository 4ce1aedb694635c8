import Routing
import Synchronization

/// Decisions of all event loops that wait to be written: a ring in which the oldest make room for the newest, with a limit in number and in bytes.
public final class DecisionQueue: Sendable {
    public static let capacity = 4096
    public static let byteCapacity = 16 << 20
    /// Changes by shadow policies; more are only counted.
    static let changeCapacity = 4096
    /// Routes with counts of their shadow policies.
    static let routeCapacity = 10_000

    /// What became of decisions since the start.
    public struct Counters: Sendable, Equatable {
        /// Written.
        public var stored: UInt64 = 0
        /// Lost, as too many came at once or the file could not be written.
        public var dropped: UInt64 = 0
    }

    private struct State {
        var waiting: [DecidedRequest] = []
        var size = 0
        var changes: [ShadowChange] = []
        var shadow: [String: ShadowCounts] = [:]
        var counters = Counters()
        var isFinished = false
        var writer: CheckedContinuation<DecisionBatch?, Never>?

        mutating func take() -> DecisionBatch? {
            guard !waiting.isEmpty || !changes.isEmpty else { return nil }
            var batch = DecisionBatch()
            swap(&batch.decisions, &waiting)
            swap(&batch.changes, &changes)
            swap(&batch.size, &size)
            return batch
        }

        mutating func count(_ tallies: [ShadowTally]) {
            for tally in tallies where shadow[tally.route.name] != nil || shadow.count < DecisionQueue.routeCapacity {
                shadow[tally.route.name, default: ShadowCounts()].add(tally.counts)
            }
        }

        mutating func makeRoom() {
            var excess = max(0, waiting.count - DecisionQueue.capacity)
            var freed = waiting.prefix(excess).reduce(0) { $0 + $1.size }
            while size - freed > DecisionQueue.byteCapacity, excess < waiting.count {
                freed += waiting[excess].size
                excess += 1
            }
            guard excess > 0 else { return }
            waiting.removeFirst(excess)
            size -= freed
            counters.dropped &+= UInt64(excess)
        }
    }

    private let state = Mutex(State())

    public init() {}

    public var counters: Counters { state.withLock(\.counters) }

    /// What shadow policies came to since the start, by the names of routes.
    public var shadowCounts: [String: ShadowCounts] { state.withLock(\.shadow) }

    /// Takes what a loop has gathered.
    public func submit(_ batch: DecisionBatch) {
        let (writer, taken) = state.withLock { state -> (CheckedContinuation<DecisionBatch?, Never>?, DecisionBatch?) in
            state.counters.dropped &+= batch.dropped
            state.waiting += batch.decisions
            state.size += batch.size
            state.makeRoom()
            state.changes += batch.changes.prefix(max(0, Self.changeCapacity - state.changes.count))
            state.count(batch.tallies)
            guard let writer = state.writer, let taken = state.take() else { return (nil, nil) }
            state.writer = nil
            return (writer, taken)
        }
        writer?.resume(returning: taken)
    }

    /// Everything that waits, as soon as something does; nil after ``finish()`` when nothing is left. For one consumer.
    public func next() async -> DecisionBatch? {
        await withCheckedContinuation { continuation in
            let (answer, displaced) = state.withLock { state -> (DecisionBatch??, CheckedContinuation<DecisionBatch?, Never>?) in
                if let taken = state.take() { return (.some(taken), nil) }
                if state.isFinished { return (.some(nil), nil) }
                defer { state.writer = continuation }
                return (nil, state.writer)
            }
            displaced?.resume(returning: nil)
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends the consumer's loop once it has taken what waits.
    public func finish() {
        let writer = state.withLock { state in
            state.isFinished = true
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume(returning: nil)
    }

    /// The consumer has written these, or failed to.
    public func count(stored: Int, dropped: Int) {
        state.withLock { state in
            state.counters.stored &+= UInt64(stored)
            state.counters.dropped &+= UInt64(dropped)
        }
    }
}
