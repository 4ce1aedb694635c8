import GRDB

/// The tables of a ``DecisionArchive``, and how a file of an older release becomes one of this release.
enum DecisionArchiveSchema {
    /// A shipped migration is never edited; a change of the schema is another entry at the end.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 decisions") { database in
            try database.execute(
                sql: """
                    CREATE TABLE decisions (
                        sequence INTEGER PRIMARY KEY,
                        id TEXT NOT NULL,
                        time INTEGER NOT NULL,
                        route_id TEXT NOT NULL,
                        route_name TEXT NOT NULL,
                        user_id TEXT NOT NULL,
                        email TEXT NOT NULL,
                        signed_in INTEGER NOT NULL,
                        outcome TEXT NOT NULL,
                        allowed INTEGER NOT NULL,
                        status INTEGER NOT NULL,
                        reason TEXT NOT NULL,
                        method TEXT NOT NULL,
                        host TEXT NOT NULL,
                        path TEXT NOT NULL,
                        configuration TEXT NOT NULL,
                        policy_id TEXT NOT NULL,
                        position TEXT NOT NULL,
                        facts TEXT NOT NULL
                    ) STRICT;
                    CREATE INDEX decisions_by_id ON decisions (id);
                    CREATE INDEX decisions_by_time ON decisions (time);
                    CREATE INDEX decisions_by_kind ON decisions (signed_in, sequence);
                    CREATE INDEX decisions_by_policy ON decisions (policy_id);
                    CREATE TABLE policies (
                        id TEXT PRIMARY KEY,
                        text TEXT NOT NULL
                    ) STRICT;
                    CREATE TABLE findings (
                        route_id TEXT NOT NULL,
                        change TEXT NOT NULL,
                        user_id TEXT NOT NULL,
                        email TEXT NOT NULL,
                        policy_id TEXT NOT NULL,
                        route_name TEXT NOT NULL,
                        first_seen INTEGER NOT NULL,
                        last_seen INTEGER NOT NULL,
                        count INTEGER NOT NULL,
                        sample_id TEXT NOT NULL,
                        sample TEXT NOT NULL,
                        PRIMARY KEY (route_id, change, user_id, email)
                    ) STRICT;
                    """)
        }
        return migrator
    }
}
