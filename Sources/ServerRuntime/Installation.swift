import Authorize
import BrokerStorage
import DataPlane
import Decisions
import Foundation
import IdentityProviders
import Logging
import NIOCore
import NIOPosix
import Observability
import ProxyConfig
import Records
import Synchronization

/// What lasts for the life of the process, whatever becomes of the configuration. What is made from one configuration is a ``Generation``.
final class Installation: Sendable {
    let parts: LastingParts
    let holder: SnapshotHolder
    let reloads: ReloadStatus
    /// What the configuration was read from.
    let files: LoadedFiles
    let processStart: Int64
    private let generation: Mutex<Generation>
    private let retired = Retirement()

    static let requiredChecks = ["proxy.service", "proxy.memory", "storage.backend"]

    private init(_ parts: LastingParts, first: Generation, files: LoadedFiles) {
        self.parts = parts
        processStart = parts.clock.seconds
        holder = SnapshotHolder(first.snapshot)
        reloads = ReloadStatus(first.config)
        self.files = files
        generation = Mutex(first)
    }

    var store: any StorageBackend { parts.store }
    var clock: WallClock { parts.clock }
    var group: MultiThreadedEventLoopGroup { parts.group }
    var logger: Logger { parts.logger }
    var health: HealthRegistry { parts.health }
    var sessions: SessionDirectory { parts.sessions }

    /// The parts made from the configuration in force.
    var current: Generation { generation.withLock { $0 } }

    /// Puts a generation in force. What requests see changes at once and as a whole; what the one before it held alone is closed later.
    func replace(with next: Generation) {
        let previous = generation.withLock { generation in
            defer { generation = next }
            return generation
        }
        holder.replace(next.snapshot)
        retired.add(previous.closing(keeping: next))
    }

    func close() async {
        await retired.closeAll()
        await current.close()
        parts.archive?.close()
        await store.close()
    }

    static func open(
        config: ConfigSnapshot, files: LoadedFiles, directory: DataDirectory, clock: WallClock, group: MultiThreadedEventLoopGroup, logger: Logger
    ) async throws -> Installation {
        let settings = config.settings
        let health = HealthRegistry(required: requiredChecks)
        health.report("proxy.service", .starting)
        let store = try await StorageCatalog.open(
            type: settings.databrokerStorageType.rawValue, dataDirectory: directory.path,
            connection: settings.databrokerStorageConnectionString, clock: clock)
        try await store.checkHealth()
        health.report("storage.backend", .running)
        let archive = await openArchive(in: directory, logger: logger)
        let parts = LastingParts(
            directory: directory, store: store, clock: clock, group: group, logger: logger, health: health,
            sessions: SessionDirectory(store: store, clock: clock),
            users: LocalUserDirectory(store: store, hasher: PasswordHasher(), clock: clock), throttle: SignInThrottle(clock: clock),
            decisions: DecisionQueue(), archive: archive)
        do {
            return Installation(parts, first: try await Generation.make(config, in: parts, previous: nil), files: files)
        } catch {
            archive?.close()
            await store.close()
            throw error
        }
    }

    /// Requests are decided without it, too.
    private static func openArchive(in directory: DataDirectory, logger: Logger) async -> DecisionArchive? {
        do {
            return try await DecisionArchive.open(directory: directory.path)
        } catch {
            logger.error("decisions cannot be kept", metadata: ["error": "\(error)"])
            return nil
        }
    }
}

/// The parts of an ``Installation`` that are there before its first ``Generation``.
struct LastingParts: Sendable {
    let directory: DataDirectory
    let store: any StorageBackend
    let clock: WallClock
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    let health: HealthRegistry
    let sessions: SessionDirectory
    /// The embedded provider's people, and what slows down the guessing of their passwords.
    let users: LocalUserDirectory
    let throttle: SignInThrottle
    /// Decisions on their way to the archive.
    let decisions: DecisionQueue
    /// Nil where it could not be opened.
    let archive: DecisionArchive?
}
