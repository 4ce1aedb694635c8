import DataPlane
import Synchronization

/// That the process is to stop, and why. The first reason counts; asking again while it drains ends the drain.
final class StopRequest: Sendable {
    enum Reason: Sendable, Equatable {
        case signal
        /// Another process has the listening sockets now.
        case takenOver
        /// It has stopped already.
        case finished
    }

    private struct State {
        var reason: Reason?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let server: ProxyServer

    init(server: ProxyServer) {
        self.server = server
    }

    var reason: Reason? { state.withLock(\.reason) }

    /// False where a stop was asked for already.
    @discardableResult
    func request(_ reason: Reason) -> Bool {
        let (isFirst, waiting) = state.withLock { state in
            guard state.reason == nil else { return (false, [CheckedContinuation<Void, Never>]()) }
            state.reason = reason
            defer { state.waiting = [] }
            return (true, state.waiting)
        }
        for continuation in waiting { continuation.resume() }
        return isFirst
    }

    /// Does not wait for running requests any more.
    func hurry() { server.hurry() }

    /// Returns when a stop is asked for.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isStopped = state.withLock { state in
                if state.reason == nil { state.waiting.append(continuation) }
                return state.reason != nil
            }
            if isStopped { continuation.resume() }
        }
    }
}
