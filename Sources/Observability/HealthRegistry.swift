import Synchronization

/// State of the parts of the process, as `/status`, `/startupz`, `/readyz` and `/healthz` of the health listener tell it.
public final class HealthRegistry: Sendable {
    public enum Status: String, Sendable {
        case unknown = "UNAVAILABLE"
        case starting = "STARTING"
        case running = "RUNNING"
        case terminating = "TERMINATING"
        /// It works, and should not be given more to do: not ready, but alive.
        case overloaded = "OVERLOADED"
    }

    public struct Check: Sendable, Equatable {
        public var status: Status
        public var error: String?
        public var attributes: [String: String]
    }

    private let required: [String]
    private let checks: Mutex<[String: Check]>

    /// Checks named here count for the probes; others are only shown.
    public init(required: [String]) {
        self.required = required
        checks = Mutex([:])
    }

    public func report(_ name: String, _ status: Status, attributes: [String: String] = [:]) {
        checks.withLock { $0[name] = Check(status: status, error: nil, attributes: attributes) }
    }

    /// A fault; the status stays what it was.
    public func report(_ name: String, error: String, attributes: [String: String] = [:]) {
        checks.withLock { checks in
            checks[name] = Check(status: checks[name]?.status ?? .unknown, error: error, attributes: attributes)
        }
    }

    public enum Probe: Sendable {
        case startup, ready, live
    }

    /// The checks a probe looks at, and whether it passes.
    public func probe(_ probe: Probe) -> (passes: Bool, checks: [(name: String, check: Check)]) {
        let seen = checks.withLock { $0 }
        let relevant = required.map { name in
            (
                name: name,
                check: seen[name]
                    ?? Check(status: .unknown, error: "expected ':\(name)' to have been reported on, but was not", attributes: [:])
            )
        }
        let passes = relevant.allSatisfy { entry in
            switch probe {
            case .startup: entry.check.status != .unknown
            case .ready: entry.check.status == .running && entry.check.error == nil
            case .live: entry.check.status != .unknown && entry.check.error == nil
            }
        }
        return (passes, relevant)
    }

    /// Every check that was ever reported, by name, and the names of the required ones: the body of `/status`. `more` adds further members.
    public func statusDocument(_ more: (inout JSONWriter) -> Void = { _ in }) -> [UInt8] {
        let seen = checks.withLock { $0 }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("statuses")
        Self.write(seen.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, to: &writer)
        writer.key("checks")
        writer.beginArray()
        for name in required { writer.string(name) }
        writer.endArray()
        more(&writer)
        writer.endObject()
        return writer.bytes
    }

    /// The body of a probe.
    public static func document(_ checks: [(name: String, check: Check)]) -> [UInt8] {
        var writer = JSONWriter()
        write(checks, to: &writer)
        return writer.bytes
    }

    private static func write(_ checks: [(name: String, check: Check)], to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, check) in checks {
            writer.key(named: name)
            writer.beginObject()
            writer.key("status")
            writer.string(check.status.rawValue)
            if let error = check.error {
                writer.key("error")
                writer.string(error)
            }
            if !check.attributes.isEmpty {
                writer.key("attributes")
                writer.beginObject()
                for (key, value) in check.attributes.sorted(by: { $0.key < $1.key }) {
                    writer.key(named: key)
                    writer.string(value)
                }
                writer.endObject()
            }
            writer.endObject()
        }
        writer.endObject()
    }
}
