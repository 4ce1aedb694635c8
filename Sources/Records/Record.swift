/// One stored record: opaque JSON under a type and an id, with a version that only ever grows over the whole store.
public struct Record: Sendable, Equatable {
    /// For example `session`; see the conforming types of ``StoredRecord``.
    public var type: String
    public var id: String
    /// Given by the store at each write; unique and increasing over all records.
    public var version: UInt64
    /// Unix seconds after which the record counts as absent and may be removed; nil means never.
    public var expiresAt: Int64?
    /// JSON.
    public var data: [UInt8]
    /// True in change feeds for a record that is gone; `data` is then empty.
    public var isDeleted: Bool

    public init(type: String, id: String, version: UInt64 = 0, expiresAt: Int64? = nil, data: [UInt8], isDeleted: Bool = false) {
        self.type = type
        self.id = id
        self.version = version
        self.expiresAt = expiresAt
        self.data = data
        self.isDeleted = isDeleted
    }
}

/// A domain type that is kept in a ``RecordStore``.
public protocol StoredRecord: Codable, Sendable {
    static var recordType: String { get }
    var recordID: String { get }
    /// Unix seconds; nil means that the record does not expire.
    var recordExpiresAt: Int64? { get }
}

extension StoredRecord {
    public var recordExpiresAt: Int64? { nil }
}
