import Foundation
import GRDB
public import Records

/// Decisions in an SQLite file of their own (`decisions.sqlite`, mode 0600) in the data directory. Several processes may use one file at the same time.
///
/// What ``append(decisions:policies:findings:)`` has written outlives a crash of the process. Errors are `RecordStoreError`s with a text for the
/// operator.
public final class DecisionArchive: Sendable {
    public static let fileName = "decisions.sqlite"
    /// People kept per route and change.
    static let maximumFindings = 1000

    /// How much is kept.
    public struct Retention: Sendable, Equatable {
        /// Decisions. Those of visitors without a session take at most half of it, so that nobody can push the others out.
        public var count: Int
        /// Nanoseconds; 0 means no limit.
        public var age: Int64

        public init(count: Int, age: Int64) {
            self.count = count
            self.age = age
        }
    }

    private let file: SQLiteFile
    private let pool: DatabasePool

    private init(file: SQLiteFile, pool: DatabasePool) {
        self.file = file
        self.pool = pool
    }

    /// Opens the file in this directory, or makes both.
    public static func open(directory: String) async throws -> DecisionArchive {
        let file = SQLiteFile(directory: directory, name: fileName)
        do {
            return try await file.opening {
                let pool = try DatabasePool(path: file.path, configuration: configuration())
                try refuseNewerSchema(pool, file)
                try DecisionArchiveSchema.migrator.migrate(pool)
                return DecisionArchive(file: file, pool: pool)
            }
        } catch {
            throw file.fault(error)
        }
    }

    /// Opens it for reading alone, also while a server writes to it; nil where there is none.
    public static func openExisting(directory: String) throws -> DecisionArchive? {
        let file = SQLiteFile(directory: directory, name: fileName)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        do {
            var configuration = configuration()
            configuration.readonly = true
            let pool = try DatabasePool(path: file.path, configuration: configuration)
            try refuseNewerSchema(pool, file)
            return DecisionArchive(file: file, pool: pool)
        } catch {
            throw file.fault(error)
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "decisions"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 2
        return configuration
    }

    private static func refuseNewerSchema(_ pool: DatabasePool, _ file: SQLiteFile) throws {
        guard try pool.read(DecisionArchiveSchema.migrator.hasBeenSuperseded) else { return }
        throw RecordStoreError.unavailable("\(file.path) was written by a newer release; start that release, or move the file away")
    }

    // MARK: Writing

    /// Writes all or none.
    public func append(decisions: [StoredDecision], policies: [StoredPolicy], findings: [ShadowFinding]) async throws {
        try await guarded {
            try await pool.write { database in
                for policy in policies {
                    try database.cachedStatement(sql: "INSERT OR IGNORE INTO policies (id, text) VALUES (?, ?)")
                        .execute(arguments: [policy.id, policy.text])
                }
                for decision in decisions { try DecisionRows.insert(decision, database) }
                for finding in findings { try DecisionRows.add(finding, limit: Self.maximumFindings, database) }
            }
        }
    }

    /// Forgets what is too old or too much. `now` in nanoseconds since 1970. Returns how many decisions went.
    @discardableResult
    public func trim(_ retention: Retention, now: Int64) async throws -> Int {
        try await guarded { try await pool.write { try DecisionRows.trim(retention, now: now, $0) } }
    }

    // MARK: Reading

    /// The decision about the request of this id; of several the newest.
    public func decision(id: String) async throws -> StoredDecision? {
        try await guarded { try await pool.read { try DecisionRows.decision(id: id, $0) } }
    }

    public func decisions(_ filter: DecisionFilter) async throws -> [StoredDecision] {
        try await guarded { try await pool.read { try DecisionRows.decisions(filter, $0) } }
    }

    public func policy(id: String) async throws -> StoredPolicy? {
        try await guarded {
            try await pool.read { try String.fetchOne($0, sql: "SELECT text FROM policies WHERE id = ?", arguments: [id]) }
                .map { StoredPolicy(id: id, text: $0) }
        }
    }

    /// By route, those who lose first, then by the time of their last request.
    public func findings(route: String? = nil) async throws -> [ShadowFinding] {
        try await guarded { try await pool.read { try DecisionRows.findings(route: route, $0) } }
    }

    public func close() {
        if !pool.configuration.readonly { _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) } }
        try? pool.close()
    }

    private func guarded<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            throw file.fault(error)
        }
    }
}
