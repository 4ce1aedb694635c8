import DataPlane
import Diagnostics
import HTTPEndpoints
import NIOCore
import Observability
import ProxyConfig
import Records

/// The bound ports of the process.
struct Listeners: Sendable {
    let server: ProxyServer

    /// Seconds that running requests get at shutdown.
    static let drain: Duration = .seconds(30)

    /// Binds the proxy listener, the redirect listener and the health listener. An address that cannot be bound is a diagnostic naming its key.
    static func bind(_ installation: Installation, sink: LogSink) async throws -> Listeners {
        let authorize = installation.authorizeSettings
        let sessions = installation.sessions
        let clock = installation.clock
        let server = ProxyServer(
            group: installation.group, holder: installation.holder,
            makeAuthorizer: { log in installation.makeAuthorizer(authorize, sessions, log) }, sink: sink, clock: { clock.nanoseconds },
            logger: installation.logger)
        let settings = installation.config.settings
        try await bind(server, settings.address, key: "address", role: .proxy)
        if let redirect = settings.httpRedirectAddr {
            try await bind(server, redirect, key: "http_redirect_addr", role: .httpsRedirect(port: settings.address.port, router: nil))
        }
        let health = EndpointRouter(HealthEndpoint.all(installation.health), authenticateHost: "")
        try await bind(server, settings.healthCheckAddr, key: "health_check_addr", role: .endpoints(health))
        return Listeners(server: server)
    }

    func shutdown() async {
        await server.shutdown(drain: Self.drain)
    }

    private static func bind(_ server: ProxyServer, _ address: ListenAddress, key: String, role: ListenerRole) async throws {
        do {
            _ = try await server.bind(address: address.host.isEmpty ? "::" : address.host, port: Int(address.port), role: role)
        } catch  where address.host.isEmpty {
            // A machine without IPv6.
            do {
                _ = try await server.bind(address: "0.0.0.0", port: Int(address.port), role: role)
            } catch {
                throw failure(address, key, error)
            }
        } catch {
            throw failure(address, key, error)
        }
    }

    private static func failure(_ address: ListenAddress, _ key: String, _ error: any Error) -> DiagnosticError {
        let text = "\(error)"
        let help =
            text.contains("EADDRINUSE") || text.contains("in use")
            ? "another process listens there; stop it, or set \(key) to another address"
            : text.contains("EACCES") || text.contains("denied") ? "ports below 1024 need root or CAP_NET_BIND_SERVICE" : "check \(key)"
        return DiagnosticError(Diagnostic(code: "listen", "cannot listen on \(address) (\(key)): \(text)", help: help))
    }
}
