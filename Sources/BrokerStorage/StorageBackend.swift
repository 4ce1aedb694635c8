public import Records

/// A `RecordStore` that a process owns: it can be cleaned, checked and closed.
public protocol StorageBackend: RecordStore {
    /// Removes records that are past their end at `now` (unix seconds), and old entries of the deletion log. Returns how many records went.
    ///
    /// Expired records count as absent anyway; this only gives their room back, so it appears in no change feed.
    @discardableResult
    func purgeExpired(now: Int64) async throws -> Int

    /// Throws the `RecordStoreError` that a write would meet now; writes nothing that can be seen.
    func checkHealth() async throws

    /// Ends the change feeds; every later call throws `RecordStoreError.closed`. Calling it again does nothing.
    func close() async
}

/// Limits that every backend keeps.
public enum StorageLimits {
    /// Bytes of one record's data.
    public static let maximumRecordBytes = 16 << 20
    /// Changes that may wait for one consumer before it is told `RecordChange.overflow`.
    public static let maximumWaitingChanges = 4096
    /// Bytes of record data that may wait for one consumer.
    public static let maximumWaitingBytes = 32 << 20
    /// Deletions are remembered for other processes this long, in seconds.
    public static let deletionLogSeconds: Int64 = 3600
    /// Deletions that are remembered at most.
    public static let deletionLogEntries: UInt64 = 50_000

    static func check(_ record: Record) throws {
        guard record.data.count <= maximumRecordBytes, record.id.utf8.count <= maximumRecordBytes else {
            throw RecordStoreError.unavailable(
                "the \(record.type) record has \(record.data.count) bytes, more than the limit of \(maximumRecordBytes)")
        }
    }
}

extension Record {
    /// Whether the record counts as present at this moment.
    func isLive(at now: Int64) -> Bool {
        expiresAt.map { now < $0 } ?? true
    }
}
