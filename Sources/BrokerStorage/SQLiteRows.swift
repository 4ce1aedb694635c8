import Foundation
import GRDB
import Records

import struct Records.Record

/// The statements over the tables of ``SQLiteSchema``. Every function runs inside a transaction of its caller.
///
/// SQLite takes a null pointer for NULL, which is what an empty blob binds as: hence the COALESCE.
enum SQLiteRows {
    static func get(_ database: Database, type: String, id: String, now: Int64) throws -> Record? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT version, type, id, expires_at, data, 0 FROM records
                WHERE type = ? AND id = COALESCE(?, x'') AND (expires_at IS NULL OR expires_at > ?)
                """)
        return try Row.fetchOne(statement, arguments: [type, blob(id), now]).map { try record($0) }
    }

    static func list(_ database: Database, type: String, after: String?, limit: Int, now: Int64) throws -> [Record] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT version, type, id, expires_at, data, 0 FROM records
                WHERE type = ? AND (? OR id > COALESCE(?, x'')) AND (expires_at IS NULL OR expires_at > ?)
                ORDER BY id LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [type, after == nil, blob(after ?? ""), now, limit]).map { try record($0) }
    }

    /// The version given.
    static func put(_ database: Database, _ record: Record) throws -> UInt64 {
        let version = try nextVersion(database)
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO records (type, id, version, expires_at, data) VALUES (?, COALESCE(?, x''), ?, ?, COALESCE(?, x''))
                ON CONFLICT (type, id) DO UPDATE SET version = excluded.version, expires_at = excluded.expires_at, data = excluded.data
                """)
        try statement.execute(arguments: [record.type, blob(record.id), version, record.expiresAt, Data(record.data)])
        return UInt64(clamping: version)
    }

    /// Whether a live record was removed.
    static func delete(_ database: Database, type: String, id: String, now: Int64) throws -> Bool {
        let wasLive = try get(database, type: type, id: id, now: now) != nil
        try database.cachedStatement(sql: "DELETE FROM records WHERE type = ? AND id = COALESCE(?, x'')")
            .execute(arguments: [type, blob(id)])
        guard database.changesCount > 0 else { return false }
        let version = try nextVersion(database)
        try database.cachedStatement(sql: "INSERT INTO deletions (version, type, id, deleted_at) VALUES (?, ?, COALESCE(?, x''), ?)")
            .execute(arguments: [version, type, blob(id), now])
        // Bounded even where nobody calls for cleaning.
        if version % 1024 == 0 { try forgetDeletions(database, now: now) }
        return wasLive
    }

    /// Removes at most `limit` expired records.
    static func purge(_ database: Database, now: Int64, limit: Int) throws -> Int {
        try database.cachedStatement(
            sql: "DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE expires_at <= ? LIMIT ?)"
        ).execute(arguments: [now, limit])
        return database.changesCount
    }

    /// Forgets old deletions, and all but the newest ones; a reader that was away for longer learns that it missed some.
    static func forgetDeletions(_ database: Database, now: Int64) throws {
        let oldest = now - StorageLimits.deletionLogSeconds
        let forgotten = try Int64.fetchOne(
            database,
            sql: """
                SELECT MAX(COALESCE((SELECT MAX(version) FROM deletions WHERE deleted_at < ?), 0),
                           COALESCE((SELECT version FROM deletions ORDER BY version DESC LIMIT 1 OFFSET ?), 0))
                """, arguments: [oldest, Int64(StorageLimits.deletionLogEntries)])
        guard let forgotten, forgotten > 0 else { return }
        try database.execute(sql: "DELETE FROM deletions WHERE version <= ?", arguments: [forgotten])
        try database.execute(sql: "UPDATE counters SET value = MAX(value, ?) WHERE name = 'forgotten'", arguments: [forgotten])
    }

    /// Up to `limit` records and deletions newer than `version`, oldest first. Of a record written twice only the newest state is there.
    static func changes(_ database: Database, after version: UInt64, limit: Int) throws -> [Record] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT version, type, id, expires_at, data, 0 FROM records WHERE version > ?1
                UNION ALL
                SELECT version, type, id, NULL, x'', 1 FROM deletions WHERE version > ?1
                ORDER BY version LIMIT ?2
                """)
        return try Row.fetchAll(statement, arguments: [Int64(clamping: version), limit]).map { try record($0) }
    }

    static func counter(_ database: Database, _ name: String) throws -> UInt64 {
        let statement = try database.cachedStatement(sql: "SELECT value FROM counters WHERE name = ?")
        guard let value = try Int64.fetchOne(statement, arguments: [name]) else { throw damage("the counter \(name) is missing") }
        return UInt64(clamping: value)
    }

    private static func nextVersion(_ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(sql: "UPDATE counters SET value = value + 1 WHERE name = 'version' RETURNING value")
        guard let version = try Int64.fetchOne(statement) else { throw damage("the counter version is missing") }
        return version
    }

    private static func blob(_ text: String) -> Data { Data(text.utf8) }

    /// Goes through `DatabaseValue`: a typed subscript would trap on a damaged row.
    private static func record(_ row: Row) throws -> Record {
        let values = Array(row.databaseValues)
        guard values.count == 6, let version = Int64.fromDatabaseValue(values[0]), let type = String.fromDatabaseValue(values[1]),
            let id = Data.fromDatabaseValue(values[2]), let data = Data.fromDatabaseValue(values[4]),
            let isDeleted = Bool.fromDatabaseValue(values[5])
        else { throw damage("a row has columns of other types") }
        return Record(
            type: type, id: String(decoding: id, as: UTF8.self), version: UInt64(clamping: version),
            expiresAt: Int64.fromDatabaseValue(values[3]), data: Array(data), isDeleted: isDeleted)
    }

    private static func damage(_ what: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: what)
    }
}
