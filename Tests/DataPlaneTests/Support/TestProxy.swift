import Foundation
import HTTPEndpoints
import HTTPTypes
import HTTPWire
import LocalReplies
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Observability
import PolicyLanguage
import Routing

@testable import DataPlane

/// A proxy on a loopback port, whose routes and answers a test chooses.
final class TestProxy: Sendable {
    let server: ProxyServer
    let holder: SnapshotHolder
    let group: MultiThreadedEventLoopGroup
    let port: Int
    private let sink: LogSink
    private let logFile: String

    init(
        routes: [CompiledRoute], endpoints: [any ControlEndpoint] = [], role: ListenerRole = .proxy,
        authorizer: @escaping @Sendable (AuthorizationRequest, (any LoadedSession)?) -> AuthorizationStep = { request, _ in
            .decided(.permit(.test(request.route)))
        }, serverTLS: NIOSSLContext? = nil, clientTLS: NIOSSLContext? = nil, lookup: NameLookup = .system,
        settings change: (inout DataPlaneSettings) -> Void = { _ in }
    ) async throws {
        var settings = DataPlaneSettings()
        settings.authenticateHost = "authenticate.test"
        settings.lingerTimeout = 500_000_000
        change(&settings)
        let tls = serverTLS.map { context -> @Sendable () -> NIOSSLContext in { context } }
        holder = SnapshotHolder(
            DataPlaneSnapshot(
                routes: RouteTable(routes), settings: settings,
                controlRouter: EndpointRouter(endpoints, authenticateHost: "authenticate.test"), serverTLS: tls,
                upstreamTLS: { _, _ in
                    if let clientTLS { return clientTLS }
                    return try NIOSSLContext(configuration: .makeClientConfiguration())
                }, localResponseLines: Array("X-Frame-Options: SAMEORIGIN\r\n".utf8),
                makeAuthorizer: { _ in StubAuthorizer(authorizer) }))
        logFile = NSTemporaryDirectory() + "data-plane-\(UUID().uuidString).log"
        _ = FileManager.default.createFile(atPath: logFile, contents: nil)
        sink = LogSink(descriptor: open(logFile, O_WRONLY | O_APPEND))
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        server = ProxyServer(
            group: group, holder: holder, sink: sink, clock: { Int64(Date().timeIntervalSince1970 * 1_000_000_000) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            lookup: lookup)
        port = try await server.bind(address: "127.0.0.1", port: 0, role: role).port ?? 0
    }

    func stop() async throws {
        await server.shutdown(drain: .zero)
        try await group.shutdownGracefully()
        try? FileManager.default.removeItem(atPath: logFile)
    }

    /// Access lines so far, once there are `count` of them.
    func log(_ count: Int = 1) async throws -> [[String: String]] {
        for _ in 0..<200 {
            let text = try String(contentsOfFile: logFile, encoding: .utf8)
            let lines = text.split(separator: "\n").compactMap { line -> [String: String]? in
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                guard object?["message"] as? String == "http-request" else { return nil }
                return object?.mapValues { "\($0)" }
            }
            if lines.count >= count { return lines }
            try await Task.sleep(for: .milliseconds(10))
        }
        return []
    }

    /// One request on a connection of its own.
    func request(_ text: String, hasBody: Bool = true) async throws -> Message {
        let port = port
        return try await blocking {
            let socket = try Socket.connect(port: port)
            try socket.send(text)
            return try socket.receiveMessage(hasBody: hasBody)
        }
    }

    func get(_ path: String, headers: String = "") async throws -> Message {
        try await request("GET \(path) HTTP/1.1\r\nHost: app.test\r\n\(headers)\r\n")
    }

    /// The status of the first access line.
    func detail() async throws -> String { try await log().first?["response-code-details"] ?? "no line" }
}

/// Runs a proxy for the time of a test.
func withProxy(_ proxy: TestProxy, _ body: (TestProxy) async throws -> Void) async throws {
    do {
        try await body(proxy)
        try await proxy.stop()
    } catch {
        try await proxy.stop()
        throw error
    }
}

final class StubAuthorizer: RequestAuthorizer {
    let body: @Sendable (AuthorizationRequest, (any LoadedSession)?) -> AuthorizationStep

    init(_ body: @escaping @Sendable (AuthorizationRequest, (any LoadedSession)?) -> AuthorizationStep) { self.body = body }

    func authorize(_ request: AuthorizationRequest, loaded: (any LoadedSession)?) -> AuthorizationStep { body(request, loaded) }

    var epoch: UInt64 { 0 }
    func check(_ permit: Permit, now: Int64) -> PermitCheck { .holds }
}

extension Permit {
    static func test(_ route: CompiledRoute, identity: String = "", templates: String = "") -> Permit {
        Permit(
            route: route, identityLines: Array(identity.utf8), templateLines: Array(templates.utf8),
            ownCookies: CookieNames(names: ["_pomerium"], prefixes: ["_postern_"]), sessionID: "session-1", userID: "user-1",
            email: "alice@example.com")
    }
}

extension CompiledRoute {
    static func test(
        from: String = "app.test", to ports: [Int] = [], scheme: UpstreamTarget.Scheme = .http, host: String = "127.0.0.1",
        destination: Destination? = nil, timeout: Int64? = nil, idleTimeout: Int64? = nil, upgrades: Set<String> = [], setHeaders: String? = nil,
        responseLines: String = "", responseDrops: [String] = [], rewrites: [ResponseHeaderRewrite] = [], filter: FieldFilter? = nil,
        circuitBreaker: CircuitBreakerThresholds = .standard,
        definition change: (inout RouteDefinition) -> Void = { _ in }
    ) -> CompiledRoute {
        var definition = RouteDefinition()
        change(&definition)
        let targets = ports.map { UpstreamTarget(scheme: scheme, host: host, port: UInt16($0), authority: "\(host):\($0)") }
        return CompiledRoute(
            id: "route-id", name: "app", definition: definition,
            from: RouteSource(scheme: .https, host: HostPattern(host: from, port: nil), text: "https://\(from)"),
            destination: destination ?? .upstream(targets), access: RouteAccess(policies: [], isPublic: true, showErrorDetails: false),
            identity: IdentityForwarding(passIdentityHeaders: false, issuerFormat: .hostOnly, claimHeaders: []),
            requestHeaders: RequestHeaderRules(
                filter: filter ?? FieldFilter(dropping: RequestHeaderRules.managedNames), set: [],
                constantLines: setHeaders.map { Array($0.utf8) }),
            responseHeaders: ResponseHeaderRules(
                filter: FieldFilter(dropping: responseDrops), lines: Array(responseLines.utf8), rewrites: rewrites), timeout: timeout,
            idleTimeout: idleTimeout, upgrades: upgrades, circuitBreaker: circuitBreaker)
    }
}
