import GRDB
import Records
import Synchronization

import struct Records.Record

/// Finds what was written to a database file, by whomever, and publishes it in the order of the versions.
///
/// It has a connection of its own, whose serial queue is what keeps the order. `PRAGMA data_version` there changes with every commit of
/// any other connection of any process, so looking for news costs one pragma as long as there are none.
final class SQLiteChangeFeed: Sendable {
    /// Time between two looks for writes of other processes.
    static let defaultPollInterval = Duration.milliseconds(200)
    private static let batch = 512

    private struct State {
        /// Everything up to here is published; nil until there is a consumer.
        var published: UInt64?
        var dataVersion: Int64?
        var poller: Task<Void, Never>?
        var isClosed = false
    }

    private let connection: DatabaseQueue
    private let hub = ChangeHub()
    private let pollInterval: Duration
    private let state = Mutex(State())

    init(path: String, configuration: Configuration, pollInterval: Duration = defaultPollInterval) throws {
        self.pollInterval = pollInterval
        var configuration = configuration
        configuration.readonly = true
        connection = try DatabaseQueue(path: path, configuration: configuration)
    }

    deinit {
        state.withLock { $0.poller?.cancel() }
        hub.finish()
    }

    /// A stream of everything committed from now on.
    func subscribe() async throws -> AsyncStream<RecordChange> {
        let stream = try await connection.unsafeRead { [self] database in
            if hub.hasSubscribers {
                try advance(database)
            } else {
                let current = try SQLiteRows.counter(database, "version")
                state.withLock { $0.published = current }
            }
            return hub.subscribe()
        }
        startPolling()
        return stream
    }

    /// Publishes what is new; for use right after a write of this process.
    func pump() async throws {
        guard hub.hasSubscribers else { return }
        try await connection.unsafeRead { [self] in try advance($0) }
    }

    /// The same, but asks first whether anything was committed at all.
    func poll() async throws {
        guard hub.hasSubscribers else { return }
        try await connection.unsafeRead { [self] database in
            let version = try Int64.fetchOne(database, sql: "PRAGMA data_version")
            guard state.withLock({ $0.dataVersion }) != version else { return }
            try advance(database)
            state.withLock { $0.dataVersion = version }
        }
    }

    func close() {
        let poller = state.withLock { state in
            state.isClosed = true
            defer { state.poller = nil }
            return state.poller
        }
        poller?.cancel()
        hub.finish()
        try? connection.close()
    }

    /// Runs on the connection's queue.
    private func advance(_ database: Database) throws {
        guard var published = state.withLock({ $0.published }) else { return }
        while true {
            // One transaction: a deletion may not be forgotten between the two questions.
            var (forgotten, current): (UInt64, UInt64) = (0, 0)
            var records: [Record] = []
            try database.inTransaction(.deferred) {
                forgotten = try SQLiteRows.counter(database, "forgotten")
                current = try SQLiteRows.counter(database, "version")
                if forgotten <= published, published < current {
                    records = try SQLiteRows.changes(database, after: published, limit: Self.batch)
                }
                return .commit
            }
            // A smaller version than the one seen means that the file was put back to an older state.
            if forgotten > published || current < published {
                hub.publish([.overflow])
                published = current
            } else {
                hub.publish(records.map(RecordChange.changed))
                published = records.last?.version ?? current
            }
            state.withLock { $0.published = published }
            if records.count < Self.batch { return }
        }
    }

    private func startPolling() {
        state.withLock { state in
            guard state.poller == nil, !state.isClosed else { return }
            state.poller = Task { [weak self, pollInterval] in
                while (try? await Task.sleep(for: pollInterval)) != nil, let self {
                    // A fault is not told here: nothing is lost, as the next look starts where the last one ended.
                    try? await self.poll()
                }
            }
        }
    }
}
