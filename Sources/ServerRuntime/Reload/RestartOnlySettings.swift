import ProxyConfig

/// Settings that a running process cannot change, because what they name is open: everything else is applied by a reload.
enum RestartOnlySettings {
    /// The keys in which two configurations differ. `ignoresDataDirectory` where a flag of the command line decides it.
    static func changed(from started: Settings, to wanted: Settings, ignoresDataDirectory: Bool) -> [String] {
        var keys: [String] = []
        if !ignoresDataDirectory, started.dataDir != wanted.dataDir { keys.append("data_dir") }
        if started.databrokerStorageType != wanted.databrokerStorageType { keys.append("databroker_storage_type") }
        if started.databrokerStorageConnectionString != wanted.databrokerStorageConnectionString {
            keys.append("databroker_storage_connection_string")
        }
        return keys
    }
}
