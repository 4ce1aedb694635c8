import DataPlane
import Diagnostics
import Foundation
import HTTPEndpoints
import NIOCore
import Observability
import ProxyConfig

/// The listening ports of the process. They follow the settings: a port whose address changes is opened before the old one is closed.
actor ListenerSet {
    /// The settings that name a listener; their raw values are the keys.
    enum Name: String, CaseIterable, Sendable {
        case address
        case httpRedirect = "http_redirect_addr"
        case health = "health_check_addr"
        case metrics = "metrics_address"
    }

    /// What distinguishes two ways to open a listener.
    private struct Plan: Equatable {
        var address: ListenAddress
        /// Of `https` addresses, for the redirects.
        var securePort: UInt16?
    }

    private struct Open {
        var plan: Plan
        var socket: ListeningSocket
        var port: ListeningPort
    }

    private let server: ProxyServer
    private let health: EndpointRouter
    private let metrics: EndpointRouter
    private var open: [Name: Open] = [:]
    /// The process stops: nothing is opened any more.
    private var isClosed = false
    /// Sockets of somebody else that nobody needed yet: of the process before this one, or of the service manager.
    private var inherited: [ListeningSocket]

    init(server: ProxyServer, health: EndpointRouter, metrics: EndpointRouter, inherited: [ListeningSocket] = []) {
        self.server = server
        self.health = health
        self.metrics = metrics
        self.inherited = inherited
    }

    /// Opens what the settings name, then runs `commit`, then closes what they no longer name. Where an address cannot be had nothing changes. Once
    /// ``close(keepsProbes:)`` was called nothing is opened.
    func follow(_ settings: Settings, commit: @Sendable () -> Void) async throws {
        // A process that drains accepts nobody, but what it still serves goes by the policy that is in force now.
        if isClosed { return commit() }
        let wanted = Self.plans(settings)
        var opened: [(name: Name, open: Open)] = []
        do {
            for name in Name.allCases {
                guard let plan = wanted[name], open[name]?.plan != plan else { continue }
                opened.append((name, try await listen(name, plan)))
            }
        } catch {
            for entry in opened { await entry.open.port.close() }
            throw error
        }
        // A stop may have come while it waited.
        if isClosed {
            for entry in opened { await entry.open.port.close() }
            return commit()
        }
        commit()
        var superseded: [Open] = []
        for name in Name.allCases where wanted[name] == nil {
            if let old = open.removeValue(forKey: name) { superseded.append(old) }
        }
        for entry in opened {
            if let old = open.updateValue(entry.open, forKey: entry.name) { superseded.append(old) }
        }
        inherited = []
        for old in superseded { await old.port.close() }
    }

    /// The sockets that another process may take over, with the names of their settings.
    var sockets: [(name: Name, socket: ListeningSocket)] {
        open.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value.socket) }
    }

    /// Nobody is accepted any more. The ports of probes and metrics stay where `keepsProbes`, so that they can tell that the process is stopping.
    func close(keepsProbes: Bool) async {
        isClosed = true
        for name in Name.allCases where !(keepsProbes && (name == .health || name == .metrics)) {
            await open.removeValue(forKey: name)?.port.close()
        }
    }

    private static func plans(_ settings: Settings) -> [Name: Plan] {
        var plans: [Name: Plan] = [
            .address: Plan(address: settings.address), .health: Plan(address: settings.healthCheckAddr),
        ]
        if let redirect = settings.httpRedirectAddr { plans[.httpRedirect] = Plan(address: redirect, securePort: settings.address.port) }
        if let metrics = settings.metricsAddress { plans[.metrics] = Plan(address: metrics) }
        return plans
    }

    private func listen(_ name: Name, _ plan: Plan) async throws -> Open {
        let socket = try socket(name, plan)
        do {
            return Open(plan: plan, socket: socket, port: try await server.listen(on: try socket.duplicate(), role: role(name, plan)))
        } catch {
            throw DiagnosticError(Diagnostic(code: "listen", "cannot listen on \(plan.address) (\(name.rawValue)): \(error)"))
        }
    }

    private func socket(_ name: Name, _ plan: Plan) throws -> ListeningSocket {
        // The same port with another role.
        if let present = open[name], present.plan.address == plan.address { return present.socket }
        if let index = inherited.firstIndex(where: { $0.serves(plan.address) }) { return inherited.remove(at: index) }
        do {
            return try ListeningSocket.open(plan.address)
        } catch {
            let help =
                switch error.code {
                case EADDRINUSE: "another process listens there; stop it, or set \(name.rawValue) to another address"
                case EACCES: "ports below 1024 need root or CAP_NET_BIND_SERVICE"
                default: "check \(name.rawValue)"
                }
            throw DiagnosticError(
                Diagnostic(code: "listen", "cannot listen on \(plan.address) (\(name.rawValue)): \(error.text)", help: help))
        }
    }

    private func role(_ name: Name, _ plan: Plan) -> ListenerRole {
        switch name {
        case .address: .proxy
        case .httpRedirect: .httpsRedirect(port: plan.securePort ?? 443, router: nil)
        case .health: .endpoints(health)
        case .metrics: .endpoints(metrics)
        }
    }
}
