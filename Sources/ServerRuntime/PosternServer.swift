import Diagnostics
import Foundation
import Logging
import NIOCore
import NIOPosix
import Observability
public import ProxyConfig
import Records
import ServiceLifecycle
import UnixSignals

/// The whole product in one process: the only place where the parts are put together.
public struct PosternServer: Sendable {
    private let config: ConfigSnapshot
    private let directory: DataDirectory
    private let announce: @Sendable (String) -> Void

    /// `announce` gets text for the person at the terminal: where to go, and the first user's credentials, once.
    public init(snapshot: ConfigSnapshot, directory: DataDirectory, announce: @escaping @Sendable (String) -> Void) {
        config = snapshot
        self.directory = directory
        self.announce = announce
    }

    /// Runs until SIGINT or SIGTERM. Throws `DiagnosticError` where it cannot start.
    public func run() async throws {
        // A peer that goes away while it is written to is an ordinary event, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        try directory.prepare()
        let sink = LogSink()
        let clock = WallClock.system
        let level = Logger.Level(config.settings.logLevel)
        LoggingSystem.bootstrap { label in
            var handler = JSONLogHandler(label: label, level: level ?? .critical, sink: sink) { clock.nanoseconds }
            if level == nil { handler.logLevel = .critical }
            return handler
        }
        let logger = Logger(label: "postern")
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let installation: Installation
        do {
            installation = try await Installation.open(config: config, directory: directory, clock: clock, group: group, logger: logger)
        } catch {
            sink.flush()
            throw Self.diagnostic(error)
        }
        do {
            let listeners = try await Listeners.bind(installation, sink: sink)
            announce(try await Welcome.text(installation, config: config, directory: directory))
            logger.info("serving", metadata: ["address": "\(config.settings.address)", "config-hash": "\(config.hash)"])
            installation.health.report("proxy.service", .running)
            let services = ServiceGroup(
                services: [
                    ListenerService(listeners: listeners, health: installation.health),
                    ChangeFeedService(installation: installation, logger: logger),
                    RefreshService(installation: installation),
                    HousekeepingService(installation: installation, logger: logger),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            try await services.run()
        } catch {
            await installation.close()
            sink.flush()
            throw Self.diagnostic(error)
        }
        await installation.close()
        logger.info("stopped")
        sink.flush()
        try await group.shutdownGracefully()
    }

    private static func diagnostic(_ error: any Error) -> any Error {
        if error is DiagnosticError { return error }
        return DiagnosticError(Diagnostic(code: "start", "cannot start: \(error)"))
    }
}

extension Logger.Level {
    /// Nil for `off`.
    init?(_ level: LogLevel) {
        switch level {
        case .trace: self = .trace
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        case .off: return nil
        }
    }
}
