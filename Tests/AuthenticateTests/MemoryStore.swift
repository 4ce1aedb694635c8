import Records
import Synchronization

/// Records in memory, expiring by the test's clock. It can be told to fail.
final class MemoryStore: RecordStore {
    private struct State {
        var records: [String: [String: Record]] = [:]
        var version: UInt64 = 0
        var isBroken = false
    }

    private let state = Mutex(State())
    private let clock: WallClock

    init(clock: WallClock) {
        self.clock = clock
    }

    var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }

    private func access<Value>(_ body: (inout State) throws -> Value) throws -> Value {
        try state.withLock { state in
            guard !state.isBroken else { throw RecordStoreError.unavailable("told to fail") }
            return try body(&state)
        }
    }

    private func isLive(_ record: Record) -> Bool { record.expiresAt.map { clock.seconds < $0 } ?? true }

    func get(type: String, id: String) async throws -> Record? {
        try access { $0.records[type]?[id].flatMap { isLive($0) ? $0 : nil } }
    }

    func put(_ records: [Record]) async throws -> UInt64 {
        try access { state in
            for record in records { write(record, &state) }
            return state.version
        }
    }

    private func write(_ record: Record, _ state: inout State) {
        state.version += 1
        var record = record
        record.version = state.version
        state.records[record.type, default: [:]][record.id] = record
    }

    func insertIfAbsent(_ record: Record) async throws -> Bool {
        try access { state in
            if let old = state.records[record.type]?[record.id], isLive(old) { return false }
            write(record, &state)
            return true
        }
    }

    func replaceIfPresent(_ record: Record) async throws -> Bool {
        try access { state in
            guard let old = state.records[record.type]?[record.id], isLive(old) else { return false }
            write(record, &state)
            return true
        }
    }

    func delete(type: String, id: String) async throws -> Bool {
        try access { $0.records[type]?.removeValue(forKey: id) != nil }
    }

    func list(type: String, after: String?, limit: Int) async throws -> [Record] {
        try access { state in
            let live = (state.records[type] ?? [:]).values.filter { record in
                isLive(record) && (after.map { record.id > $0 } ?? true)
            }
            return Array(live.sorted { $0.id < $1.id }.prefix(limit))
        }
    }

    func changes() async throws -> AsyncStream<RecordChange> { AsyncStream { $0.finish() } }
}

/// A clock that moves when told.
final class ManualClock: Sendable {
    private let now = Mutex<Int64>(1_800_000_000)

    var wall: WallClock { WallClock { self.now.withLock { $0 * 1_000_000_000 } } }
    var seconds: Int64 { now.withLock { $0 } }

    func advance(_ seconds: Int64) {
        now.withLock { $0 += seconds }
    }
}
