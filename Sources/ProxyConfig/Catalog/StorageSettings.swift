import Diagnostics
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.6.
    static let storage = SettingGroup(
        title: "Storage",
        settings: [
            .custom(
                "databroker_storage_type", type: "`memory`, `file`", default: "file",
                "Where sessions and users are kept: in memory, so that everybody signs in again after a restart, or in a database file in `data_dir`."
            ) { entry, context in
                guard let text = entry.string(&context.report)?.lowercased(), !text.isEmpty else { return }
                guard let type = StorageType(rawValue: text) else {
                    context.report.error(
                        "unknown-value", "config: unknown databroker storage backend type", at: entry.position, help: "the types are memory and file")
                    return
                }
                if type == .postgres {
                    context.report.error(
                        "unsupported-setting", "databroker_storage_type postgres is not supported by this version", at: entry.position,
                        help: "write file, and run one process")
                }
                context.settings.databrokerStorageType = type
            },
            .custom(
                "databroker_storage_connection_string", type: "string", default: "–",
                "With `file`: another directory for the database, `file:///path`."
            ) { entry, context in context.connectionString(entry) },
            .custom(
                "databroker_storage_connection_string_file", type: "path", default: "–", "As above, from a file; wins where both are set."
            ) { entry, context in context.connectionString(entry) },
            .notYet("databroker_cluster_node_id", "this process stands alone"),
            .notYet("databroker_cluster_leader_id", "this process stands alone"),
            .notYet("databroker_cluster_nodes", "this process stands alone"),
            .notYet("databroker_raft_bind_address", "this process stands alone"),
        ])
}

extension SettingsDecodingContext {
    mutating func connectionString(_ entry: ConfigEntry) {
        guard let text = secretText(entry, or: { "config: databroker storage connection string: \($0)" }), !text.isEmpty else { return }
        let type = entries["databroker_storage_type"]?.value.scalarText?.lowercased() ?? "file"
        if type == "file", !text.hasPrefix("file:///") {
            report.error(
                "invalid-connection-string", "databroker_storage_connection_string must begin with file:/// for file storage", at: entry.position,
                help: "write file:///var/lib/postern/records.db")
            return
        }
        settings.databrokerStorageConnectionString = text
    }
}
