import Diagnostics
import Foundation
import Logging
import Observability
import ProxyConfig
import Records

/// Where the configuration comes from.
public struct ConfigSource: Sendable {
    /// Nil: environment and defaults alone.
    public var path: String?
    public var environment: [String: String]
    public var allowUnknownKeys: Bool

    public init(path: String?, environment: [String: String], allowUnknownKeys: Bool) {
        self.path = path
        self.environment = environment
        self.allowUnknownKeys = allowUnknownKeys
    }
}

/// Reads the configuration again and puts it in force as a whole, or not at all. One reload at a time.
actor ConfigReloader {
    enum Cause: String, Sendable {
        case fileChange = "file change"
        case hangup = "SIGHUP"
    }

    private let source: ConfigSource
    private let installation: Installation
    private let listeners: ListenerSet
    private let levels: LogLevelSwitch
    private let started: Settings
    private let hasDataDirectoryFlag: Bool
    private let notifier: ServiceManagerNotifier
    private let clock: ContinuousClock = .continuous

    init(
        source: ConfigSource, installation: Installation, listeners: ListenerSet, levels: LogLevelSwitch, hasDataDirectoryFlag: Bool,
        notifier: ServiceManagerNotifier
    ) {
        self.source = source
        self.installation = installation
        self.listeners = listeners
        self.levels = levels
        self.hasDataDirectoryFlag = hasDataDirectoryFlag
        self.notifier = notifier
        started = installation.current.config.settings
    }

    private var logger: Logger { installation.logger }

    func reload(_ cause: Cause) async {
        let begin = clock.now
        notifier.reloading()
        defer { notifier.reloaded() }
        do {
            let config = try load()
            if config.hash == installation.current.config.hash, cause != .hangup {
                installation.reloads.unchanged(at: installation.clock.nanoseconds)
                logger.debug("config: nothing changed", metadata: ["cause": "\(cause.rawValue)"])
                return
            }
            try await apply(config)
            let needsRestart = RestartOnlySettings.changed(
                from: started, to: config.settings, ignoresDataDirectory: hasDataDirectoryFlag)
            installation.reloads.applied(config, needsRestart: needsRestart, at: installation.clock.nanoseconds)
            for diagnostic in config.report.sorted { log(diagnostic) }
            for key in needsRestart {
                logger.warning("config: \(key) needs a restart", metadata: ["key": "\(key)"])
            }
            let refused = config.refusedRoutes.count
            var metadata: Logger.Metadata = [
                "cause": "\(cause.rawValue)", "config-hash": "\(config.hash)", "routes": "\(config.routes.count)",
                "milliseconds": "\((clock.now - begin) / .milliseconds(1))",
            ]
            if refused > 0 { metadata["refused-routes"] = "\(refused)" }
            logger.log(level: refused > 0 ? .error : .info, "config: loaded configuration", metadata: metadata)
        } catch {
            let report = (error as? DiagnosticError)?.report ?? DiagnosticReport([Diagnostic(code: "reload", "\(error)")])
            installation.reloads.failed(report.rendered(), at: installation.clock.nanoseconds)
            for diagnostic in report.sorted.prefix(Self.loggedDiagnostics) { log(diagnostic) }
            logger.error(
                "config: error updating config",
                metadata: [
                    "cause": "\(cause.rawValue)", "error": "\(ReloadStatus.bounded(report.rendered()))",
                    "config-hash": "\(installation.current.config.hash)", "note": "the configuration before it stays in force",
                ])
        }
    }

    private func load() throws -> ConfigSnapshot {
        try installation.files.record { read in
            try ConfigLoader(environment: source.environment, allowUnknownKeys: source.allowUnknownKeys, readFile: read)
                .loadTolerant(source.path, after: installation.current.config)
        }
    }

    /// Everything that can fail comes first; what follows cannot.
    private func apply(_ config: ConfigSnapshot) async throws {
        let next = try await Generation.make(config, in: installation.parts, previous: installation.current)
        do {
            try await listeners.follow(config.settings) { installation.replace(with: next) }
        } catch {
            await next.abandon(keeping: installation.current)
            throw error
        }
        levels.level = Logger.Level(config.settings.logLevel) ?? .critical
    }

    /// Problems that get a line of their own; the whole report is in the last one.
    private static let loggedDiagnostics = 50

    private func log(_ diagnostic: Diagnostic) {
        var metadata: Logger.Metadata = ["code": "\(diagnostic.code)"]
        if let position = diagnostic.position {
            metadata["file"] = "\(position.file)"
            if position.line > 0 { metadata["line"] = "\(position.line)" }
            if position.column > 0 { metadata["column"] = "\(position.column)" }
        }
        if let help = diagnostic.help { metadata["help"] = "\(help)" }
        switch diagnostic.severity {
        case .error: logger.error("config: \(diagnostic.message)", metadata: metadata)
        case .warning: logger.warning("config: \(diagnostic.message)", metadata: metadata)
        case .note: logger.info("config: \(diagnostic.message)", metadata: metadata)
        }
    }
}
