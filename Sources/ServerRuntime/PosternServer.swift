import DataPlane
public import Diagnostics
import Foundation
import HTTPEndpoints
import Logging
import NIOCore
import NIOPosix
import Observability
import ProxyConfig
import Records
import ServiceLifecycle
import UnixSignals

/// The whole product in one process: the only place where the parts are put together.
public struct PosternServer: Sendable {
    /// What the command line says.
    public struct Options: Sendable {
        public var source: ConfigSource
        /// `--data-dir`.
        public var dataDirectory: String?
        /// For the metrics.
        public var version: String
        /// Take the listening sockets over from the process that serves the same data directory, if there is one.
        public var takesOver: Bool

        public init(source: ConfigSource, dataDirectory: String?, version: String, takesOver: Bool) {
            self.source = source
            self.dataDirectory = dataDirectory
            self.version = version
            self.takesOver = takesOver
        }
    }

    private let options: Options
    private let announce: @Sendable (String) -> Void
    private let warn: @Sendable (DiagnosticReport) -> Void

    /// `announce` gets text for the person at the terminal: where to go, and the first user's credentials, once. `warn` gets what is to be said
    /// about a configuration that can be used.
    public init(
        _ options: Options, announce: @escaping @Sendable (String) -> Void, warn: @escaping @Sendable (DiagnosticReport) -> Void
    ) {
        self.options = options
        self.announce = announce
        self.warn = warn
    }

    /// Runs until SIGINT or SIGTERM. Throws `DiagnosticError` where it cannot start.
    public func run() async throws {
        // A peer that goes away while it is written to is an ordinary event, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        OpenFiles.raiseLimit()
        // From here on no signal ends the process before it is served.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let (source, files) = (options.source, LoadedFiles())
        let config = try files.record { read in
            try ConfigLoader(environment: source.environment, allowUnknownKeys: source.allowUnknownKeys, readFile: read).load(source.path)
        }
        warn(config.report)
        let directory = DataDirectory.choose(
            flag: options.dataDirectory, configured: config.settings.dataDir, environment: source.environment)
        try directory.prepare()
        let sink = LogSink()
        let clock = WallClock.system
        let levels = LogLevelSwitch(Logger.Level(config.settings.logLevel) ?? .critical)
        LoggingSystem.bootstrap { label in JSONLogHandler(label: label, threshold: levels, sink: sink) { clock.nanoseconds } }
        let logger = Logger(label: "postern")
        let group = MultiThreadedEventLoopGroup(numberOfThreads: ProcessorCount.current)
        let installation: Installation
        do {
            installation = try await Installation.open(
                config: config, files: files, directory: directory, clock: clock, group: group, logger: logger)
        } catch {
            sink.flush()
            throw Self.diagnostic(error)
        }
        do {
            try await serve(installation, levels: levels, sink: sink, signals: signals)
        } catch {
            await installation.close()
            sink.flush()
            throw Self.diagnostic(error)
        }
        await installation.close()
        logger.info("stopped")
        sink.flush()
        // Not waited for: clients that are slow to say goodbye would hold the process up for seconds.
        group.shutdownGracefully { _ in }
    }

    private func serve(_ installation: Installation, levels: LogLevelSwitch, sink: LogSink, signals: UnixSignalsSequence) async throws {
        let (logger, clock) = (installation.logger, installation.clock)
        let config = installation.current.config
        let notifier = ServiceManagerNotifier()
        let takeOver = options.takesOver ? try TakeOver.begin(in: installation.parts.directory, logger: logger) : nil
        let server = ProxyServer(
            group: installation.group, holder: installation.holder, sink: sink, clock: { clock.nanoseconds }, logger: logger)
        let memory = MemoryWatch(server: server, health: installation.health, logger: logger) { installation.current.config.settings.memoryLimit }
        let metrics = MetricsEndpoint(installation: installation, server: server, memory: memory, version: options.version)
        let listeners = ListenerSet(
            server: server,
            health: EndpointRouter(HealthEndpoint.all(installation.health, installation.reloads, memory), authenticateHost: ""),
            metrics: EndpointRouter([metrics], authenticateHost: ""), inherited: (takeOver?.sockets ?? []) + ServiceManagerNotifier.sockets())
        try await listeners.follow(config.settings) {}
        announce(try await Welcome.text(installation, config: config, directory: installation.parts.directory))
        logger.info(
            "config: loaded configuration", metadata: ["cause": "start", "config-hash": "\(config.hash)", "routes": "\(config.routes.count)"])
        if config.settings.maxClientConnections > OpenFiles.roomForClients {
            logger.info(
                "the limit of open files leaves room for fewer client connections than max_client_connections",
                metadata: ["connections": "\(OpenFiles.roomForClients)", "open-files": "\(OpenFiles.limit ?? 0)"])
        }
        memory.start()
        defer { memory.stop() }
        logger.info("serving", metadata: ["address": "\(config.settings.address)", "config-hash": "\(config.hash)"])
        installation.health.report("proxy.service", .running)
        let reloader = ConfigReloader(
            source: options.source, installation: installation, listeners: listeners, levels: levels,
            hasDataDirectoryFlag: options.dataDirectory?.isEmpty == false, notifier: notifier)
        let stop = StopRequest(server: server)
        let control = ControlSocket(directory: installation.parts.directory, listeners: listeners, stop: stop, logger: logger)
        control.open()
        takeOver?.complete()
        notifier.ready()
        // Stopped from the last to the first: revocations and changed policies reach running streams until these are over.
        let services = ServiceGroup(
            services: [
                DecisionArchiveService(installation: installation, logger: logger),
                ChangeFeedService(installation: installation, logger: logger),
                RefreshService(installation: installation),
                HousekeepingService(installation: installation, logger: logger),
                SignalService(signals: signals, stop: stop, reloader: reloader, logger: logger),
                ConfigWatchService(installation: installation, reloader: reloader),
                DrainService(installation: installation, listeners: listeners, server: server, stop: stop, control: control, notifier: notifier),
            ], logger: logger)
        Task {
            await stop.wait()
            await services.triggerGracefulShutdown()
        }
        defer { stop.request(.finished) }
        try await services.run()
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
