import Synchronization

/// Gives up waiting, whether or not the work notices that it was cancelled.
enum TimeLimit {
    /// Nil when the time is up first. The work is cancelled then, and may go on for a moment.
    static func run<Value: Sendable>(_ limit: Duration, _ work: @escaping @Sendable () async -> Value) async -> Value? {
        let first = FirstAnswer<Value>()
        return await withCheckedContinuation { continuation in
            first.set(continuation)
            let task = Task { first.resume(await work()) }
            Task {
                try? await Task.sleep(for: limit)
                first.resume(nil)
                task.cancel()
            }
        }
    }

    private final class FirstAnswer<Value: Sendable>: Sendable {
        private let continuation = Mutex<CheckedContinuation<Value?, Never>?>(nil)

        func set(_ new: CheckedContinuation<Value?, Never>) {
            continuation.withLock { $0 = new }
        }

        func resume(_ value: Value?) {
            let waiting = continuation.withLock { slot in
                defer { slot = nil }
                return slot
            }
            waiting?.resume(returning: value)
        }
    }
}
