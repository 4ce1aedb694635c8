public import Records
import Synchronization

/// Records in the memory of this process: they are gone with it, and no other process sees them.
public final class MemoryStore: StorageBackend {
    /// Ids are told apart by their bytes. `String` would take canonically equivalent spellings for one.
    private struct Key: Hashable, Comparable {
        var bytes: [UInt8]

        init(_ id: String) { bytes = Array(id.utf8) }

        static func < (left: Key, right: Key) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
    }

    private struct Table {
        var records: [Key: Record] = [:]
        /// The keys in order; nil after an insertion or removal, until the next listing.
        var order: [Key]?
    }

    private struct State {
        var version: UInt64 = 0
        var tables: [String: Table] = [:]
        var isClosed = false

        mutating func write(_ record: Record) -> Record {
            version += 1
            var written = record
            written.version = version
            written.isDeleted = false
            let key = Key(record.id)
            if tables[record.type, default: Table()].records.updateValue(written, forKey: key) == nil {
                tables[record.type]?.order = nil
            }
            return written
        }
    }

    private let clock: WallClock
    private let hub = ChangeHub()
    private let state = Mutex(State())

    public init(clock: WallClock = .system) {
        self.clock = clock
    }

    public func get(type: String, id: String) async throws -> Record? {
        let now = clock.seconds
        return try access { state in
            state.tables[type]?.records[Key(id)].flatMap { $0.isLive(at: now) ? $0 : nil }
        }
    }

    @discardableResult
    public func put(_ records: [Record]) async throws -> UInt64 {
        for record in records { try StorageLimits.check(record) }
        return try access { state in
            hub.publish(records.map { .changed(state.write($0)) })
            return state.version
        }
    }

    public func insertIfAbsent(_ record: Record) async throws -> Bool {
        try StorageLimits.check(record)
        let now = clock.seconds
        return try access { state in
            if let present = state.tables[record.type]?.records[Key(record.id)], present.isLive(at: now) { return false }
            hub.publish([.changed(state.write(record))])
            return true
        }
    }

    public func replaceIfPresent(_ record: Record) async throws -> Bool {
        try StorageLimits.check(record)
        let now = clock.seconds
        return try access { state in
            guard let present = state.tables[record.type]?.records[Key(record.id)], present.isLive(at: now) else { return false }
            hub.publish([.changed(state.write(record))])
            return true
        }
    }

    @discardableResult
    public func delete(type: String, id: String) async throws -> Bool {
        let now = clock.seconds
        return try access { state in
            guard let removed = state.tables[type]?.records.removeValue(forKey: Key(id)) else { return false }
            state.tables[type]?.order = nil
            state.version += 1
            hub.publish([.changed(Record(type: type, id: id, version: state.version, data: [], isDeleted: true))])
            return removed.isLive(at: now)
        }
    }

    public func list(type: String, after: String?, limit: Int) async throws -> [Record] {
        let now = clock.seconds
        return try access { state in
            guard limit > 0, let table = state.tables[type] else { return [] }
            let order = table.order ?? table.records.keys.sorted()
            state.tables[type]?.order = order
            var found: [Record] = []
            for key in order[Self.firstIndex(in: order, after: after.map(Key.init))...] {
                guard let record = table.records[key], record.isLive(at: now) else { continue }
                found.append(record)
                if found.count == limit { break }
            }
            return found
        }
    }

    public func changes() async throws -> AsyncStream<RecordChange> {
        try access { _ in hub.subscribe() }
    }

    @discardableResult
    public func purgeExpired(now: Int64) async throws -> Int {
        try access { state in
            var removed = 0
            for (type, table) in state.tables {
                let live = table.records.filter { $0.value.isLive(at: now) }
                guard live.count < table.records.count else { continue }
                removed += table.records.count - live.count
                state.tables[type] = Table(records: live)
            }
            return removed
        }
    }

    public func checkHealth() async throws {
        try access { _ in }
    }

    public func close() async {
        state.withLock { state in
            state.isClosed = true
            state.tables = [:]
        }
        hub.finish()
    }

    /// Publishing happens inside, so that consumers see changes in the order of their versions.
    private func access<Result>(_ body: (inout sending State) throws -> sending Result) throws -> sending Result {
        try state.withLock { state in
            if state.isClosed { throw RecordStoreError.closed }
            return try body(&state)
        }
    }

    private static func firstIndex(in order: [Key], after key: Key?) -> Int {
        guard let key else { return 0 }
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle] > key { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
