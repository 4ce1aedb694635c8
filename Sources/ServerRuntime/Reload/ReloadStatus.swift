import Diagnostics
import Observability
import ProxyConfig
import Routing
import Synchronization

/// What became of the configuration: which one is in force, and how the last try to change it ended. Shown in `/status` and in the metrics.
final class ReloadStatus: Sendable {
    struct State: Sendable, Equatable {
        /// Of the configuration in force.
        var hash: String
        var routes: Int
        /// Nanoseconds since 1970.
        var loadedAt: Int64
        /// Nanoseconds since 1970.
        var lastAttempt: Int64
        /// Nil after a good attempt; otherwise its report, as `postern check` prints it. That of a configuration in force is about routes that were
        /// refused alone.
        var lastError: String?
        /// Names of routes in force that answer nothing but 503.
        var refusedRoutes: [String] = []
        /// Keys whose new values count after a restart.
        var needsRestart: [String] = []
        var reloads: UInt64 = 0
        var failures: UInt64 = 0
    }

    /// Refused routes that are named.
    static let namedRoutes = 100

    /// Bytes of a report that are kept and logged.
    static let reportLimit = 16 * 1024

    private let state: Mutex<State>

    init(_ config: ConfigSnapshot) {
        state = Mutex(State(hash: config.hash, routes: config.routes.count, loadedAt: config.loadedAt, lastAttempt: config.loadedAt))
    }

    var current: State { state.withLock { $0 } }

    func applied(_ config: ConfigSnapshot, needsRestart: [String], at now: Int64) {
        let refused = config.refusedRoutes.prefix(Self.namedRoutes).map(\.name)
        state.withLock { state in
            state = State(
                hash: config.hash, routes: config.routes.count, loadedAt: now, lastAttempt: now,
                lastError: refused.isEmpty ? nil : Self.bounded(config.report.rendered()), refusedRoutes: refused, needsRestart: needsRestart,
                reloads: state.reloads &+ 1, failures: state.failures)
        }
    }

    /// The files hold again what is in force.
    func unchanged(at now: Int64) {
        state.withLock { state in
            state.lastAttempt = now
            if state.refusedRoutes.isEmpty { state.lastError = nil }
        }
    }

    func failed(_ report: String, at now: Int64) {
        state.withLock { state in
            state.lastAttempt = now
            state.lastError = Self.bounded(report)
            state.failures &+= 1
        }
    }

    static func bounded(_ report: String) -> String {
        report.utf8.count <= reportLimit ? report : String(decoding: report.utf8.prefix(reportLimit), as: UTF8.self) + "\n…\n"
    }
}

extension ReloadStatus.State {
    /// A number that changes with the configuration, for `config_checksum_int64`.
    var checksum: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in self.hash.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(hash >> 1)
    }

    /// The member `config` of `/status`.
    func write(to writer: inout JSONWriter) {
        var timestamp = Timestamp()
        writer.key("config")
        writer.beginObject()
        writer.key("hash")
        writer.string(hash)
        writer.key("routes")
        writer.int(Int64(routes))
        writer.key("loaded_at")
        writer.time(loadedAt, &timestamp)
        writer.key("last_attempt_at")
        writer.time(lastAttempt, &timestamp)
        writer.key("last_attempt_succeeded")
        writer.bool(lastError == nil)
        if let lastError {
            writer.key("last_error")
            writer.string(lastError)
        }
        writer.key("refused_routes")
        writer.beginArray()
        for name in refusedRoutes { writer.string(name) }
        writer.endArray()
        writer.key("needs_restart")
        writer.beginArray()
        for key in needsRestart { writer.string(key) }
        writer.endArray()
        writer.endObject()
    }
}
