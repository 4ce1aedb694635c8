import Synchronization

/// Decisions of all event loops that wait to be written: a ring in which the oldest make room for the newest, with a limit in number and in bytes.
public final class DecisionQueue: Sendable {
    public static let capacity = 4096
    public static let byteCapacity = 16 << 20

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
        var counters = Counters()
        var isFinished = false
        var writer: CheckedContinuation<[DecidedRequest]?, Never>?

        mutating func take() -> [DecidedRequest]? {
            guard !waiting.isEmpty else { return nil }
            defer {
                waiting = []
                size = 0
            }
            return waiting
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

    /// Takes what a loop has gathered.
    public func submit(_ batch: DecisionBatch) {
        let (writer, taken) = state.withLock { state -> (CheckedContinuation<[DecidedRequest]?, Never>?, [DecidedRequest]?) in
            state.counters.dropped &+= batch.dropped
            state.waiting += batch.decisions
            state.size += batch.size
            state.makeRoom()
            guard let writer = state.writer, let taken = state.take() else { return (nil, nil) }
            state.writer = nil
            return (writer, taken)
        }
        writer?.resume(returning: taken)
    }

    /// Everything that waits, as soon as something does; nil after ``finish()`` when nothing is left. For one consumer.
    public func next() async -> [DecidedRequest]? {
        await withCheckedContinuation { continuation in
            let (answer, displaced) = state.withLock { state -> ([DecidedRequest]??, CheckedContinuation<[DecidedRequest]?, Never>?) in
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
