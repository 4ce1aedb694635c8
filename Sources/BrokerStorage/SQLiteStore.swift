import Dispatch
import GRDB
public import Records
import Synchronization

public import struct Records.Record

/// Records in an SQLite file (`postern.sqlite`, mode 0600) in the data directory. Several processes may use one file at the same time.
///
/// Write-ahead log with `synchronous = NORMAL`: a crash of the process loses nothing, a crash of the machine may lose the last writes but
/// never damages the file. Calls run on the queues of the connections, never on the caller's thread.
public final class SQLiteStore: StorageBackend {
    private let file: SQLiteFile
    private let pool: DatabasePool
    private let feed: SQLiteChangeFeed
    private let clock: WallClock
    private let isClosed = Atomic(false)

    private init(file: SQLiteFile, pool: DatabasePool, feed: SQLiteChangeFeed, clock: WallClock) {
        self.file = file
        self.pool = pool
        self.feed = feed
        self.clock = clock
    }

    /// Opens the file in this directory, or makes both.
    ///
    /// Throws `RecordStoreError.unavailable(_:)` naming the path, the cause and the way out.
    public static func open(directory: String, clock: WallClock = .system) async throws -> SQLiteStore {
        try await open(directory: directory, clock: clock, busyTimeout: 5, prepare: { _ in })
    }

    /// `busyTimeout` in seconds; `prepare` runs on every new connection, where tests put faults.
    static func open(
        directory: String, clock: WallClock, busyTimeout: Double, prepare: @escaping @Sendable (Database) throws -> Void
    ) async throws -> SQLiteStore {
        let file = SQLiteFile(directory: directory)
        var configuration = Configuration()
        configuration.label = "records"
        configuration.busyMode = .timeout(busyTimeout)
        configuration.maximumReaderCount = 4
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase(prepare)
        do {
            let (pool, feed) = try await file.opening { [configuration] in
                let pool = try DatabasePool(path: file.path, configuration: configuration)
                try refuseNewerSchema(pool, file: file)
                try SQLiteSchema.migrator.migrate(pool)
                return (pool, try SQLiteChangeFeed(path: file.path, configuration: configuration))
            }
            return SQLiteStore(file: file, pool: pool, feed: feed, clock: clock)
        } catch {
            throw file.fault(error)
        }
    }

    private static func refuseNewerSchema(_ pool: DatabasePool, file: SQLiteFile) throws {
        guard try pool.read(SQLiteSchema.migrator.hasBeenSuperseded) else { return }
        throw RecordStoreError.unavailable("\(file.path) was written by a newer release; start that release, or restore an older backup")
    }

    public func get(type: String, id: String) async throws -> Record? {
        let now = clock.seconds
        return try await read { try SQLiteRows.get($0, type: type, id: id, now: now) }
    }

    @discardableResult
    public func put(_ records: [Record]) async throws -> UInt64 {
        for record in records { try StorageLimits.check(record) }
        return try await write { database in
            var newest = try SQLiteRows.counter(database, "version")
            for record in records { newest = try SQLiteRows.put(database, record) }
            return newest
        }
    }

    public func insertIfAbsent(_ record: Record) async throws -> Bool {
        try StorageLimits.check(record)
        let now = clock.seconds
        // Write transactions begin with the file's write lock, so nobody comes between the two statements.
        return try await write { database in
            guard try SQLiteRows.get(database, type: record.type, id: record.id, now: now) == nil else { return false }
            _ = try SQLiteRows.put(database, record)
            return true
        }
    }

    public func replaceIfPresent(_ record: Record) async throws -> Bool {
        try StorageLimits.check(record)
        let now = clock.seconds
        return try await write { database in
            guard try SQLiteRows.get(database, type: record.type, id: record.id, now: now) != nil else { return false }
            _ = try SQLiteRows.put(database, record)
            return true
        }
    }

    @discardableResult
    public func delete(type: String, id: String) async throws -> Bool {
        let now = clock.seconds
        return try await write { try SQLiteRows.delete($0, type: type, id: id, now: now) }
    }

    public func list(type: String, after: String?, limit: Int) async throws -> [Record] {
        guard limit > 0 else { return [] }
        let now = clock.seconds
        return try await read { try SQLiteRows.list($0, type: type, after: after, limit: limit, now: now) }
    }

    public func changes() async throws -> AsyncStream<RecordChange> {
        try await guarded { try await feed.subscribe() }
    }

    @discardableResult
    public func purgeExpired(now: Int64) async throws -> Int {
        var removed = 0
        // In small transactions, so that nobody waits long for the write lock.
        while true {
            let count = try await guarded { try await pool.write { try SQLiteRows.purge($0, now: now, limit: 500) } }
            removed += count
            if count < 500 { break }
        }
        try await guarded { try await pool.write { try SQLiteRows.forgetDeletions($0, now: now) } }
        return removed
    }

    public func checkHealth() async throws {
        // Takes the write lock and writes a page, which is where a full or read-only disk shows.
        try await guarded {
            try await pool.write { try $0.execute(sql: "UPDATE counters SET value = value WHERE name = 'version'") }
        }
    }

    public func close() async {
        guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
        feed.close()
        let pool = pool
        await withCheckedContinuation { continuation in
            // Closing waits for the running accesses, which is no work for the caller's thread.
            DispatchQueue.global().async {
                // The pool's last connection is one that only reads, which leaves the log as it is.
                _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
                try? pool.close()
                continuation.resume()
            }
        }
    }

    /// Looks for writes of other processes at once instead of at the next interval.
    func pollChanges() async throws {
        try await guarded { try await feed.poll() }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await guarded { try await pool.read(body) }
    }

    private func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let value = try await guarded { try await pool.write(body) }
        // The write stands whatever happens here; should this fail, the next poll finds the change.
        try? await feed.pump()
        return value
    }

    private func guarded<Value>(_ body: () async throws -> Value) async throws -> Value {
        if isClosed.load(ordering: .sequentiallyConsistent) { throw RecordStoreError.closed }
        do {
            return try await body()
        } catch {
            throw isClosed.load(ordering: .sequentiallyConsistent) ? RecordStoreError.closed : file.fault(error)
        }
    }
}
