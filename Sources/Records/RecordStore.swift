import Foundation

/// Where records live. A storage backend, a client of a remote record service and a test double all look like this.
///
/// Errors thrown are storage faults, never "not found": only a missing record means that something is gone, so callers can tell
/// signed out from store out of order.
public protocol RecordStore: Sendable {
    /// The record unless it is missing, deleted or expired.
    func get(type: String, id: String) async throws -> Record?

    /// Writes all or none; the versions of the records given are ignored. Returns the newest version written.
    @discardableResult
    func put(_ records: [Record]) async throws -> UInt64

    /// Writes only if no live record has this type and id; false means that there was one. Atomic over all users of the store.
    func insertIfAbsent(_ record: Record) async throws -> Bool

    /// Writes only if there is a live record of this type and id; false means that there was none. Atomic over all users of the store, so
    /// that an update made of what was read earlier cannot bring back what was deleted meanwhile.
    func replaceIfPresent(_ record: Record) async throws -> Bool

    /// Removes; false when there was nothing to remove.
    @discardableResult
    func delete(type: String, id: String) async throws -> Bool

    /// Live records of a type in the order of their ids, at most `limit`, those after `after`.
    func list(type: String, after: String?, limit: Int) async throws -> [Record]

    /// Writes and deletions from now on, also those of other processes on the same store. Ends when the store is closed.
    /// A consumer that falls far behind gets `.overflow` and must read anew.
    func changes() async throws -> AsyncStream<RecordChange>
}

public enum RecordChange: Sendable, Equatable {
    case changed(Record)
    case overflow
}

extension RecordStore {
    public func get<Value: StoredRecord>(_ type: Value.Type, id: String) async throws -> Value? {
        guard let record = try await get(type: Value.recordType, id: id) else { return nil }
        return try decode(type, record)
    }

    @discardableResult
    public func put<Value: StoredRecord>(_ value: Value) async throws -> UInt64 {
        try await put([encode(value)])
    }

    public func insertIfAbsent<Value: StoredRecord>(_ value: Value) async throws -> Bool {
        try await insertIfAbsent(encode(value))
    }

    public func replaceIfPresent<Value: StoredRecord>(_ value: Value) async throws -> Bool {
        try await replaceIfPresent(encode(value))
    }

    @discardableResult
    public func delete<Value: StoredRecord>(_ type: Value.Type, id: String) async throws -> Bool {
        try await delete(type: Value.recordType, id: id)
    }

    public func list<Value: StoredRecord>(_ type: Value.Type, after: String? = nil, limit: Int = 1000) async throws -> [Value] {
        try await list(type: Value.recordType, after: after, limit: limit).map { try decode(type, $0) }
    }

    private func decode<Value: StoredRecord>(_ type: Value.Type, _ record: Record) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(record.data))
        } catch {
            throw RecordStoreError.undecodable(type: record.type, id: record.id)
        }
    }

    private func encode(_ value: some StoredRecord) throws -> Record {
        try Record(value)
    }
}

extension Record {
    /// The stored form of a domain value.
    public init<Value: StoredRecord>(_ value: Value) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.init(
            type: Value.recordType, id: value.recordID, expiresAt: value.recordExpiresAt, data: Array(try encoder.encode(value)))
    }
}

public enum RecordStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The store cannot be reached or refuses to work; the text is for the operator.
    case unavailable(String)
    case undecodable(type: String, id: String)
    case closed

    public var description: String {
        switch self {
        case .unavailable(let why): "the record store is unavailable: \(why)"
        case .undecodable(let type, let id): "the stored \(type) \(id) cannot be read"
        case .closed: "the record store is closed"
        }
    }
}
