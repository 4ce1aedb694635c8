import GRDB
import Records

/// The statements over the tables of ``DecisionArchiveSchema``. Every function runs inside a transaction of its caller.
enum DecisionRows {
    private static let columns = """
        id, time, route_id, route_name, user_id, email, outcome, allowed, status, reason, method, host, path, configuration, policy_id, position, facts
        """

    static func insert(_ decision: StoredDecision, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO decisions (\(columns), signed_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try statement.execute(arguments: [
            decision.id, decision.time, decision.routeID, decision.routeName, decision.userID, decision.email, decision.outcome, decision.isAllowed,
            decision.status, decision.reason, decision.method, decision.host, decision.path, decision.configurationHash, decision.policyID,
            decision.position, decision.facts, decision.isSignedIn,
        ])
    }

    static func decision(id: String, _ database: Database) throws -> StoredDecision? {
        try Row.fetchOne(database, sql: "SELECT \(columns) FROM decisions WHERE id = ? ORDER BY sequence DESC LIMIT 1", arguments: [id])
            .map { try decision($0) }
    }

    static func decisions(_ filter: DecisionFilter, _ database: Database) throws -> [StoredDecision] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        if let since = filter.since {
            conditions.append("time >= ?")
            arguments += [since]
        }
        if let route = filter.route {
            conditions.append("(route_id = ? OR route_name = ?)")
            arguments += [route, route]
        }
        if let user = filter.user {
            conditions.append("(user_id = ? OR email = ?)")
            arguments += [user, user]
        }
        if let outcome = filter.outcome {
            conditions.append("outcome = ?")
            arguments += [outcome]
        }
        arguments += [max(0, filter.limit), max(0, filter.offset)]
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let order = filter.isAscending ? "ASC" : "DESC"
        return try Row.fetchAll(
            database, sql: "SELECT \(columns) FROM decisions \(condition) ORDER BY time \(order), sequence \(order) LIMIT ? OFFSET ?",
            arguments: arguments
        ).map { try decision($0) }
    }

    static func trim(_ retention: DecisionArchive.Retention, now: Int64, _ database: Database) throws -> Int {
        var removed = 0
        if retention.age > 0 {
            let oldest = now &- retention.age
            try database.execute(sql: "DELETE FROM decisions WHERE time < ?", arguments: [oldest])
            removed += database.changesCount
            try database.execute(sql: "DELETE FROM findings WHERE last_seen < ?", arguments: [oldest])
        }
        // Oldest first, and strangers before people who are signed in.
        for (condition, limit) in [("signed_in = 0", retention.count / 2), ("1", retention.count)] {
            try database.execute(
                sql: """
                    DELETE FROM decisions WHERE \(condition) AND sequence <=
                    (SELECT sequence FROM decisions WHERE \(condition) ORDER BY sequence DESC LIMIT 1 OFFSET ?)
                    """, arguments: [max(0, limit)])
            removed += database.changesCount
        }
        try database.execute(sql: "DELETE FROM policies WHERE id NOT IN (SELECT policy_id FROM decisions)")
        return removed
    }

    // MARK: Shadow findings

    static func add(_ finding: ShadowFinding, limit: Int, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM findings WHERE route_id = ? AND policy_id <> ?")
            .execute(arguments: [finding.routeID, finding.policyID])
        try database.cachedStatement(
            sql: """
                UPDATE findings SET last_seen = MAX(last_seen, ?), count = count + ?, sample_id = ?, sample = ?, route_name = ?
                WHERE route_id = ? AND change = ? AND user_id = ? AND email = ?
                """
        ).execute(arguments: [
            finding.lastSeen, finding.count, finding.sampleRequestID, finding.sampleRequest, finding.routeName, finding.routeID,
            finding.change.rawValue, finding.userID, finding.email,
        ])
        guard database.changesCount == 0 else { return }
        try database.cachedStatement(
            sql: """
                INSERT INTO findings (route_id, change, user_id, email, policy_id, route_name, first_seen, last_seen, count, sample_id, sample)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
                WHERE (SELECT COUNT(*) FROM findings WHERE route_id = ?1 AND change = ?2) < ?12
                """
        ).execute(arguments: [
            finding.routeID, finding.change.rawValue, finding.userID, finding.email, finding.policyID, finding.routeName, finding.firstSeen,
            finding.lastSeen, finding.count, finding.sampleRequestID, finding.sampleRequest, limit,
        ])
    }

    static func findings(route: String?, _ database: Database) throws -> [ShadowFinding] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT route_id, route_name, policy_id, change, user_id, email, first_seen, last_seen, count, sample_id, sample FROM findings
                WHERE ?1 IS NULL OR route_id = ?1 OR route_name = ?1 ORDER BY route_name, route_id, change DESC, last_seen DESC
                """, arguments: [route]
        ).map { row in
            let values = Array(row.databaseValues)
            guard values.count == 11, let change = String.fromDatabaseValue(values[3]).flatMap({ ShadowFinding.Change(rawValue: $0) }),
                let first = Int64.fromDatabaseValue(values[6]), let last = Int64.fromDatabaseValue(values[7]),
                let count = Int.fromDatabaseValue(values[8])
            else { throw damage }
            return ShadowFinding(
                routeID: text(values[0]), routeName: text(values[1]), policyID: text(values[2]), change: change, userID: text(values[4]),
                email: text(values[5]), firstSeen: first, lastSeen: last, count: count, sampleRequestID: text(values[9]),
                sampleRequest: text(values[10]))
        }
    }

    // MARK: Rows

    private static let damage = DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row has columns of other types")

    private static func text(_ value: DatabaseValue) -> String { String.fromDatabaseValue(value) ?? "" }

    /// Goes through `DatabaseValue`: a typed subscript would trap on a damaged row.
    private static func decision(_ row: Row) throws -> StoredDecision {
        let values = Array(row.databaseValues)
        guard values.count == 17, let time = Int64.fromDatabaseValue(values[1]), let isAllowed = Bool.fromDatabaseValue(values[7]),
            let status = Int.fromDatabaseValue(values[8])
        else { throw damage }
        return StoredDecision(
            id: text(values[0]), time: time, routeID: text(values[2]), routeName: text(values[3]), userID: text(values[4]), email: text(values[5]),
            outcome: text(values[6]), isAllowed: isAllowed, status: status, reason: text(values[9]), method: text(values[10]), host: text(values[11]),
            path: text(values[12]), configurationHash: text(values[13]), policyID: text(values[14]), position: text(values[15]),
            facts: text(values[16]))
    }
}
