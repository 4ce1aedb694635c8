import Records
import Synchronization

/// Hands changes to any number of consumers, each with a bounded buffer of its own.
final class ChangeHub: Sendable {
    private struct WeakSubscriber {
        weak var subscriber: ChangeSubscriber?
    }

    private struct State {
        var subscribers: [WeakSubscriber] = []
        var isFinished = false
    }

    private let state = Mutex(State())

    /// A stream of what is published from now on. It ends with the hub, and is forgotten when its consumer lets go of it.
    func subscribe() -> AsyncStream<RecordChange> {
        let subscriber = ChangeSubscriber()
        let finished = state.withLock { state in
            state.subscribers.removeAll { $0.subscriber == nil }
            if !state.isFinished { state.subscribers.append(WeakSubscriber(subscriber: subscriber)) }
            return state.isFinished
        }
        if finished { subscriber.finish() }
        return AsyncStream {
            await subscriber.next()
        } onCancel: {
            subscriber.finish()
        }
    }

    var hasSubscribers: Bool {
        state.withLock { state in state.subscribers.contains { $0.subscriber != nil } }
    }

    /// In the order of the calls: callers serialise them.
    func publish(_ changes: [RecordChange]) {
        guard !changes.isEmpty else { return }
        for subscriber in state.withLock({ state in state.subscribers.compactMap(\.subscriber) }) {
            for change in changes { subscriber.offer(change) }
        }
    }

    func finish() {
        let all = state.withLock { state in
            state.isFinished = true
            defer { state.subscribers = [] }
            return state.subscribers.compactMap(\.subscriber)
        }
        for subscriber in all { subscriber.finish() }
    }
}

/// One consumer's buffer. When it is full it is emptied and replaced with one `.overflow`: the consumer must read anew anyway.
final class ChangeSubscriber: Sendable {
    private struct State {
        var waiting: [RecordChange] = []
        /// Index of the oldest change in `waiting`; taken ones are dropped in bulk.
        var head = 0
        var bytes = 0
        var isFinished = false
        var consumer: CheckedContinuation<RecordChange?, Never>?

        mutating func takeFirst() -> RecordChange? {
            guard head < waiting.count else { return nil }
            let change = waiting[head]
            head += 1
            bytes -= change.size
            if head == waiting.count || head >= 1024 {
                waiting.removeFirst(head)
                head = 0
            }
            return change
        }
    }

    private let state = Mutex(State())

    func offer(_ change: RecordChange) {
        let consumer = state.withLock { state -> CheckedContinuation<RecordChange?, Never>? in
            if state.isFinished { return nil }
            if let consumer = state.consumer {
                state.consumer = nil
                return consumer
            }
            let size = change.size
            if state.waiting.count - state.head >= StorageLimits.maximumWaitingChanges
                || state.bytes + size > StorageLimits.maximumWaitingBytes
            {
                state.waiting = [.overflow]
                state.head = 0
                state.bytes = 0
            } else if change != .overflow || state.waiting.last != .overflow {
                state.waiting.append(change)
                state.bytes += size
            }
            return nil
        }
        consumer?.resume(returning: change)
    }

    func next() async -> RecordChange? {
        await withCheckedContinuation { continuation in
            // A stream has one consumer; should two race, the earlier one gets an end rather than waiting for ever.
            let (answer, displaced) = state.withLock { state -> (RecordChange??, CheckedContinuation<RecordChange?, Never>?) in
                if let change = state.takeFirst() { return (.some(change), nil) }
                if state.isFinished { return (.some(nil), nil) }
                let displaced = state.consumer
                state.consumer = continuation
                return (nil, displaced)
            }
            displaced?.resume(returning: nil)
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// What waits already is still delivered.
    func finish() {
        let consumer = state.withLock { state in
            state.isFinished = true
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume(returning: nil)
    }
}

extension RecordChange {
    /// Bytes of record data that it holds.
    fileprivate var size: Int {
        switch self {
        case .changed(let record): record.data.count
        case .overflow: 0
        }
    }
}
