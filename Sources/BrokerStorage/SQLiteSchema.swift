import GRDB

/// The tables, and how a file of an older release becomes one of this release.
enum SQLiteSchema {
    /// A shipped migration is never edited; a change of the schema is another entry at the end.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        // Ids are blobs, so that they are compared by their bytes and may hold every byte.
        migrator.registerMigration("1 records") { database in
            try database.execute(
                sql: """
                    CREATE TABLE records (
                        type TEXT NOT NULL,
                        id BLOB NOT NULL,
                        version INTEGER NOT NULL,
                        expires_at INTEGER,
                        data BLOB NOT NULL,
                        PRIMARY KEY (type, id)
                    ) STRICT;
                    CREATE UNIQUE INDEX records_by_version ON records (version);
                    CREATE INDEX records_by_end ON records (expires_at) WHERE expires_at IS NOT NULL;
                    CREATE TABLE deletions (
                        version INTEGER PRIMARY KEY,
                        type TEXT NOT NULL,
                        id BLOB NOT NULL,
                        deleted_at INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE counters (
                        name TEXT PRIMARY KEY,
                        value INTEGER NOT NULL
                    ) STRICT;
                    INSERT INTO counters (name, value) VALUES ('version', 0), ('forgotten', 0);
                    """)
        }
        return migrator
    }
}
