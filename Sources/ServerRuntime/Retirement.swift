import Synchronization

/// Closes what no new request uses any more, once those under way are done with it.
final class Retirement: Sendable {
    typealias Close = @Sendable () async -> Void

    /// Longer than any call to an identity provider may take.
    static let delay: Duration = .seconds(60)

    private struct State {
        var nextID: UInt64 = 0
        var waiting: [UInt64: Close] = [:]
    }

    private let state = Mutex(State())

    func add(_ closes: [Close]) {
        for close in closes {
            let id = state.withLock { state -> UInt64 in
                state.nextID += 1
                state.waiting[state.nextID] = close
                return state.nextID
            }
            Task { [self] in
                try? await Task.sleep(for: Self.delay)
                if let close = state.withLock({ $0.waiting.removeValue(forKey: id) }) { await close() }
            }
        }
    }

    /// At the end of the process.
    func closeAll() async {
        let all = state.withLock { state in
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for close in all { await close() }
    }
}
