import DataPlane
import Foundation
import Logging
import Observability
import ProxyConfig
import Synchronization

/// Keeps the process below `memory_limit`: reads how much memory it has, on a thread of its own that no request can hold up, and tells the data plane.
final class MemoryWatch: Sendable {
    /// What `/status` and the metrics show.
    struct State: Sendable, Equatable {
        var level = MemoryLevel.normal
        /// At the last reading.
        var resident: Int64 = 0
        /// Nil: there is none.
        var limit: Int64?
        /// What counts in its place where it is less than the process needs by itself.
        var raised: Int64?
        var changes: UInt64 = 0
    }

    private let server: ProxyServer
    private let health: HealthRegistry
    private let logger: Logger
    private let setting: @Sendable () -> MemoryLimit
    private let memory: ResidentMemory?
    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)
    private let isStopped = Atomic<Bool>(false)

    /// How often it is looked how much there is: a container may be given more or less while it runs.
    private static let roomInterval: Int64 = 30_000_000_000
    /// How often it is looked whether the configuration has another limit.
    private static let settingInterval: Int64 = 1_000_000_000

    /// `setting` gives `memory_limit` of the configuration in force.
    init(server: ProxyServer, health: HealthRegistry, logger: Logger, setting: @escaping @Sendable () -> MemoryLimit) {
        self.server = server
        self.health = health
        self.logger = logger
        self.setting = setting
        memory = ResidentMemory()
        health.report("proxy.memory", .running)
    }

    var current: State { state.withLock { $0 } }

    func start() {
        guard memory != nil else { return logger.warning("the memory of the process cannot be read, so that memory_limit has no effect") }
        // What starting took is given back before the first reading, which is about what is needed.
        ResidentMemory.trim()
        let thread = Thread { [self] in run() }
        thread.name = "memory-watch"
        thread.start()
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        wakeUp.signal()
    }

    private func run() {
        var pressure = MemoryPressure(limit: nil)
        var known: MemoryLimit?
        var (nextRoom, nextSetting) = (Int64.min, Int64.min)
        while !isStopped.load(ordering: .relaxed) {
            let now = Int64(clamping: DispatchTime.now().uptimeNanoseconds)
            if now >= nextSetting {
                nextSetting = now &+ Self.settingInterval
                let wanted = setting()
                if wanted != known || now >= nextRoom {
                    nextRoom = now &+ Self.roomInterval
                    adopt(wanted, isNew: wanted != known, &pressure)
                    known = wanted
                }
            }
            var pause = Self.settingInterval
            if let resident = memory?.read() {
                let step = pressure.observe(resident, connections: server.visitorCount, now: now)
                act(on: step, resident, &pressure)
                pause = step.pause
            }
            _ = wakeUp.wait(timeout: .now() + .nanoseconds(Int(pause)))
        }
    }

    private func adopt(_ wanted: MemoryLimit, isNew: Bool, _ pressure: inout MemoryPressure) {
        let room = MemoryRoom.measure()
        let limit = wanted.bytes(of: room?.bytes ?? .max)
        guard isNew || limit != pressure.limit else { return }
        pressure.setLimit(limit)
        state.withLock { state in
            state.limit = limit
            state.raised = nil
        }
        var metadata: Logger.Metadata = ["setting": "\(wanted)", "limit-bytes": "\(limit ?? 0)"]
        if let room {
            metadata["available-bytes"] = "\(room.bytes)"
            metadata["available-in"] = "\(room.source.rawValue)"
        }
        if let limit, let room, limit > room.bytes {
            logger.warning("memory_limit is more than there is, so that the system ends the process before it is reached", metadata: metadata)
        } else {
            logger.info("memory limit", metadata: metadata)
        }
    }

    private func act(on step: MemoryPressure.Step, _ resident: Int64, _ pressure: inout MemoryPressure) {
        if step.changed {
            server.memoryLevel = step.level
            // Not ready, so that load balancers send visitors elsewhere; alive, as a restart would only lose what runs well.
            health.report("proxy.memory", step.level == .normal ? .running : .overloaded)
        }
        for relief in step.reliefs { server.relieveMemory(relief) }
        state.withLock { state in
            state.level = step.level
            state.resident = resident
            if let raised = step.raised { state.raised = raised }
            if step.changed { state.changes &+= 1 }
        }
        if let raised = step.raised {
            logger.error(
                "memory_limit is less than the process needs by itself: more is used",
                metadata: ["resident-bytes": "\(resident)", "limit-bytes": "\(pressure.limit ?? 0)", "used-limit-bytes": "\(raised)"])
        }
        if step.changed { logChange(to: step.level, resident, limit: pressure.effective) }
        guard step.trims else { return }
        ResidentMemory.trim()
        let after = memory?.read() ?? resident
        pressure.trimmed(from: resident, to: after)
        logger.debug("memory was given back", metadata: ["before-bytes": "\(resident)", "after-bytes": "\(after)"])
    }

    private func logChange(to level: MemoryLevel, _ resident: Int64, limit: Int64) {
        let metadata: Logger.Metadata = [
            "memory-level": "\(level.name)", "resident-bytes": "\(resident)", "limit-bytes": "\(limit)", "connections": "\(server.visitorCount)",
        ]
        switch level {
        case .normal: logger.info("memory: below the limit, everything is served", metadata: metadata)
        case .high:
            logger.warning("memory: near the limit, new connections are refused and resting ones closed", metadata: metadata)
        case .full: logger.error("memory: at the limit, requests are answered 503", metadata: metadata)
        case .exceeded: logger.error("memory: refusing did not help, requests under way are cut", metadata: metadata)
        }
    }
}

extension MemoryWatch.State {
    /// The member `memory` of `/status`.
    func write(to writer: inout JSONWriter) {
        writer.key("memory")
        writer.beginObject()
        writer.key("level")
        writer.string(level.name)
        writer.key("resident_bytes")
        writer.int(resident)
        writer.key("limit_bytes")
        if let limit { writer.int(limit) } else { writer.null() }
        if let raised {
            writer.key("used_limit_bytes")
            writer.int(raised)
        }
        writer.endObject()
    }

    func write(to metrics: inout PrometheusText, refused: (requests: UInt64, connections: UInt64)) {
        metrics.metric("postern_memory_limit_bytes", .gauge, "Memory that the process may take (memory_limit), 0 for any.")
        metrics.sample("postern_memory_limit_bytes", raised ?? limit ?? 0)
        metrics.metric("postern_memory_level", .gauge, "0 normal, 1 near the limit, 2 at the limit, 3 above it although requests are refused.")
        metrics.sample("postern_memory_level", level.rawValue)
        metrics.metric("postern_memory_level_changes_total", .counter, "Changes of that level since the start.")
        metrics.sample("postern_memory_level_changes_total", changes)
        metrics.metric("postern_memory_refused_requests_total", .counter, "Requests that were answered 503 with the detail overload.")
        metrics.sample("postern_memory_refused_requests_total", refused.requests)
        metrics.metric("postern_memory_ended_connections_total", .counter, "Connections of clients that were ended at or above the limit.")
        metrics.sample("postern_memory_ended_connections_total", refused.connections)
    }
}
