public import Records

/// The storage backends by the names that `databroker_storage_type` takes.
public enum StorageCatalog {
    struct Entry: Sendable {
        var names: [String]
        var open: @Sendable (_ directory: String, _ clock: WallClock) async throws -> any StorageBackend
    }

    static let entries: [Entry] = [
        Entry(names: ["memory"]) { _, clock in MemoryStore(clock: clock) },
        Entry(names: ["file", "sqlite"]) { directory, clock in try await SQLiteStore.open(directory: directory, clock: clock) },
    ]

    /// Every name that ``open(type:dataDirectory:connection:clock:)`` knows.
    public static var names: [String] { entries.flatMap(\.names) }

    /// Opens the backend of that name.
    ///
    /// `connection` is `databroker_storage_connection_string`: for `file` a directory, or `file://` and its path; without it the data
    /// directory is used. Throws `RecordStoreError.unavailable(_:)` with a text for the operator.
    public static func open(
        type: String, dataDirectory: String, connection: String? = nil, clock: WallClock = .system
    ) async throws -> any StorageBackend {
        guard let entry = entries.first(where: { $0.names.contains(type) }) else {
            throw RecordStoreError.unavailable("there is no storage type \(type); known are \(names.joined(separator: ", "))")
        }
        return try await entry.open(connection.flatMap(directory(fromConnection:)) ?? dataDirectory, clock)
    }

    /// Opens a backend as ``open(type:dataDirectory:connection:clock:)`` does, for `body` alone, and closes it whatever comes of that.
    public static func withStore<Result>(
        type: String, dataDirectory: String, connection: String? = nil, _ body: (any StorageBackend) async throws -> Result
    ) async throws -> Result {
        let store = try await open(type: type, dataDirectory: dataDirectory, connection: connection)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// Nil for an empty text.
    static func directory(fromConnection text: String) -> String? {
        var path = text[...]
        if path.hasPrefix("file://") { path = path.dropFirst("file://".count) }
        return path.isEmpty ? nil : String(path)
    }
}
