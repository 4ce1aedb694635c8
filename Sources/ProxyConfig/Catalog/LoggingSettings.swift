import Diagnostics
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.14.
    static let logging = SettingGroup(
        title: "Logging",
        settings: [
            .custom("log_level", type: levels, default: "info", "The least severe lines that are written.") { entry, context in
                if let level = entry.logLevel(&context.report) { context.settings.logLevel = level }
            },
            .custom(
                "proxy_log_level", type: levels, default: "`log_level`", "As `log_level`, for access lines, which are written at `info`."
            ) { entry, context in
                if let level = entry.logLevel(&context.report) { context.settings.proxyLogLevel = level }
            },
            .custom(
                "access_log_fields", type: "list of strings", default: LogFields.accessDefaults.joined(separator: " "),
                "Fields of an access line, besides these `client-certificate`, `cluster-stat-name`, `ip`, `query` and `headers.<Name>`.", form: .list
            ) { entry, context in
                guard let fields = entry.fields("access log field", LogFields.isAccessField, &context.report) else { return }
                context.settings.accessLogFields = fields
            },
            .custom(
                "authorize_log_fields", type: "list of strings", default: LogFields.authorizeDefaults.joined(separator: " "),
                "Fields of a decision's line, besides these `body`, `cluster-stat-name`, `headers`, `headers.<Name>`, `id-token`, `id-token-claims` and `query`.",
                form: .list
            ) { entry, context in
                guard let fields = entry.fields("authorize log field", LogFields.isAuthorizeField, &context.report) else { return }
                context.settings.authorizeLogFields = fields
            },
        ])

    private static let levels = "`trace`, `debug`, `info`, `warn`, `error`, `critical`, `off`"
}

extension ConfigEntry {
    private static let levels: [String: LogLevel] = [
        "trace": .trace, "debug": .debug, "info": .info, "warn": .warning, "warning": .warning, "error": .error, "critical": .critical,
        "fatal": .critical, "panic": .critical, "off": .off, "none": .off, "disabled": .off,
    ]

    fileprivate func logLevel(_ report: inout DiagnosticReport) -> LogLevel? {
        guard let text = string(&report), !text.isEmpty else { return nil }
        guard let level = Self.levels[text.lowercased()] else {
            report.error(
                "unknown-value", "config: invalid \(key): unknown log level: \(text)", at: position,
                help: Suggestion.nearest(to: text.lowercased(), in: Self.levels.keys.sorted()).map { "did you mean \($0)?" }
                    ?? "the levels are trace, debug, info, warn, error, critical and off")
            return nil
        }
        return level
    }

    fileprivate func fields(_ kind: String, _ isKnown: (String) -> Bool, _ report: inout DiagnosticReport) -> [String]? {
        guard let names = strings(&report) else { return nil }
        return names.filter { name in
            if isKnown(name) { return true }
            report.warning("unknown-log-field", "config: invalid \(key): unknown \(kind): \(name)", at: position, help: "it is left out")
            return false
        }
    }
}
