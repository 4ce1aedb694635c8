import Synchronization

/// What a route has under way in the whole process, against its thresholds.
final class RouteLoad: Sendable {
    let requests = Gauge()
    let pending = Gauge()
    let retries = Gauge()
    let connections = Gauge()

    /// Nothing is under way.
    var isIdle: Bool { requests.value == 0 && pending.value == 0 && retries.value == 0 && connections.value == 0 }

    /// A number that several event loops count.
    final class Gauge: Sendable {
        private let count = Atomic<Int>(0)

        var value: Int { count.load(ordering: .relaxed) }

        /// Counts one more, unless there are already so many. Nil means no limit.
        func enter(limit: Int?) -> Bool {
            let before = count.wrappingAdd(1, ordering: .relaxed).oldValue
            guard let limit, before >= limit else { return true }
            leave()
            return false
        }

        func leave() {
            count.wrappingSubtract(1, ordering: .relaxed)
        }
    }
}

/// An open connection, or the attempt to make one, counted for the route that it was opened for. Belongs to one event loop.
final class ConnectionSlot {
    private var load: RouteLoad?

    /// Nil where the route may have no more. The first connection of a pool may always be: without one, nobody would ever serve what waits there.
    init?(_ load: RouteLoad, limit: Int?, isFirst: Bool) {
        guard load.connections.enter(limit: isFirst ? nil : limit) else { return nil }
        self.load = load
    }

    func free() {
        load?.connections.leave()
        load = nil
    }

    deinit { load?.connections.leave() }
}
