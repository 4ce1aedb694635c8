import Foundation
import HTTPEndpoints
import HTTPTypes
import HTTPWire
import Observability
import Routing

@testable import DataPlane

/// A way to raise one detail: a proxy, and a request in which `{headers}` stands for the lines that say which form the client wants.
struct ResponseCodeCase: Sendable {
    /// What the client sees.
    enum Outcome: Sendable, Equatable {
        /// An answer of ours in the client's form: status, and what a gRPC client is told.
        case reply(Int, grpc: Int)
        /// An answer to a head that cannot be read, so that nobody knows the form: plain text.
        case plain(Int)
        /// An answer that is not about a failure, or not ours.
        case answer(Int)
        /// The connection ends, in the middle of an answer with this status or before one (0).
        case cut(Int)
    }

    var detail: ResponseCodeDetail
    var reason: String?
    var outcome: Outcome
    var flags: String
    var request: String
    /// The client goes away instead of waiting.
    var leaves = false
    /// The server ends while the request is under way.
    var drains = false
    /// The process is at its memory limit.
    var isFull = false
    /// Gives the upstream that is dialled, if any.
    var upstream: Peer?
    var proxy: @Sendable (Int) async throws -> TestProxy

    struct Peer: Sendable {
        var start: @Sendable () throws -> Upstream
    }

    static let get = "GET / HTTP/1.1\r\nHost: app.test\r\n{headers}\r\n"
    private static let short: Int64 = 100_000_000

    init(
        _ detail: ResponseCodeDetail, reason: String? = nil, _ outcome: Outcome, flags: String = "", request: String = Self.get,
        upstream: Peer? = nil,
        proxy: @escaping @Sendable (Int) async throws -> TestProxy = { try await TestProxy(routes: [.test(to: [$0])]) }
    ) {
        (self.detail, self.reason, self.outcome, self.flags, self.request) = (detail, reason, outcome, flags, request)
        (self.upstream, self.proxy) = (upstream, proxy)
    }

    /// A request whose head cannot be read.
    private static func unreadable(_ detail: ResponseCodeDetail, _ status: Int, _ request: String) -> ResponseCodeCase {
        ResponseCodeCase(detail, .plain(status), flags: "DPE", request: request) { _ in
            try await TestProxy(
                routes: [.test()],
                settings: {
                    $0.limits.maxHeadBytes = 400
                    $0.limits.maxFields = 5
                })
        }
    }

    /// With a route and settings, and no upstream.
    private static func local(
        _ detail: ResponseCodeDetail, _ outcome: Outcome, flags: String = "", request: String = Self.get, route: CompiledRoute = .test(),
        settings: @escaping @Sendable (inout DataPlaneSettings) -> Void = { _ in }
    ) -> ResponseCodeCase {
        ResponseCodeCase(detail, outcome, flags: flags, request: request) { _ in try await TestProxy(routes: [route], settings: settings) }
    }

    private static let silent = Peer { try Upstream { _ = try $0.receiveAll() } }

    private static func upstream(_ answer: String) -> Peer { Peer { try Upstream.closing(answer) } }

    private static let slowExpression: CompiledRoute = .test(
        definition: { definition in definition.path = (try? PathRegex("/(a+)+b")).map { .regex($0) } ?? .any })

    static let all: [ResponseCodeCase] = applications + decisions + messages + times + failures + ends

    private static let applications: [ResponseCodeCase] = [
        ResponseCodeCase(.viaUpstream, .answer(204), upstream: upstream("HTTP/1.1 204 No Content\r\n\r\n")),
        local(.directResponse, .answer(200), route: .test(destination: .response(DirectResponse(status: 200, body: "a")))),
        ResponseCodeCase(
            .websocketHandshakeUnsuccessful, .answer(400),
            request: "GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            upstream: upstream("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
            proxy: { try await TestProxy(routes: [.test(to: [$0], upgrades: ["websocket"])]) }),
    ]

    private static let decisions: [ResponseCodeCase] = [
        local(.routeNotFound, .reply(404, grpc: 5), flags: "NR", request: "GET / HTTP/1.1\r\nHost: none.test\r\n{headers}\r\n"),
        local(.clusterNotFound, .reply(503, grpc: 14), flags: "NC", route: .test(destination: .unavailable("a bad option"))),
        ResponseCodeCase(.authorizationUnavailable, .reply(503, grpc: 14), flags: "UAEX") { _ in
            try await TestProxy(
                routes: [.test()],
                authorizer: { _, _ in
                    .load {
                        try? await Task.sleep(for: .seconds(60))
                        return NothingLoaded()
                    }
                }, settings: { $0.authorizationTimeout = short })
        },
        local(
            .upgradeFailed, .reply(403, grpc: 7),
            request: "GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{headers}\r\n"),
        local(.clientDetectionFailed, .reply(403, grpc: 7), settings: { $0.trustedHops = 1 }),
        local(.pathNormalizationFailed, .reply(400, grpc: 13), request: "GET /a%2Fb HTTP/1.1\r\nHost: app.test\r\n{headers}\r\n"),
        local(
            .pathNormalizationRedirect, .answer(307), request: "GET /a%2Fb HTTP/1.1\r\nHost: app.test\r\n\r\n",
            settings: { $0.pathNormalizer.escapedSlashes = .unescapeAndRedirect }),
        local(
            .invalidPath, .reply(400, grpc: 13), request: "GET /\(String(repeating: "a", count: 3000))db HTTP/1.1\r\nHost: app.test\r\n{headers}\r\n",
            route: slowExpression),
        ResponseCodeCase(
            .payloadTooLarge, .reply(413, grpc: 2),
            request: "POST /.pomerium/own HTTP/1.1\r\nHost: app.test\r\nContent-Length: 9\r\n{headers}\r\n123456789"
        ) { _ in
            try await TestProxy(
                routes: [.test()], endpoints: [CodeEndpoint(fails: false)], settings: { $0.controlBodyLimit = 4 })
        },
        ResponseCodeCase(.internalError, .reply(500, grpc: 2), request: "GET /.pomerium/own HTTP/1.1\r\nHost: app.test\r\n{headers}\r\n") { _ in
            try await TestProxy(routes: [.test()], endpoints: [CodeEndpoint(fails: true)])
        },
    ]

    private static let messages: [ResponseCodeCase] = [
        unreadable(.missingHost, 400, "GET / HTTP/1.1\r\n\r\n"),
        unreadable(.absolutePathRejected, 400, "GET http://other.test/ HTTP/1.1\r\nHost: app.test\r\n\r\n"),
        unreadable(.lowVersion, 426, "GET / HTTP/1.0\r\nHost: app.test\r\n\r\n"),
        unreadable(.codecError, 400, "nonsense\r\n\r\n"),
        unreadable(.invalidURL, 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        unreadable(.invalidCharacters, 400, "GET / HTTP/1.1\r\nHost: app.test\r\nX(: 1\r\n\r\n"),
        unreadable(.headersTooLarge, 431, "GET / HTTP/1.1\r\nHost: app.test\r\nX: \(String(repeating: "a", count: 500))\r\n\r\n"),
        unreadable(.tooManyHeaders, 431, "GET / HTTP/1.1\r\nHost: app.test\r\n\(String(repeating: "X: y\r\n", count: 6))\r\n"),
        unreadable(.connectionHeaderRejected, 400, "GET / HTTP/1.1\r\nHost: app.test\r\nConnection: a b\r\n\r\n"),
        unreadable(.lengthAndChunked, 400, "POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        unreadable(.lengthNotAllowed, 400, "CONNECT app.test:443 HTTP/1.1\r\nHost: app.test:443\r\nContent-Length: 3\r\n\r\n"),
        unreadable(.invalidTransferEncoding, 400, "POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: gzip\r\n\r\n"),
        unreadable(.transferEncodingNotAllowed, 400, "CONNECT app.test:443 HTTP/1.1\r\nHost: app.test:443\r\nTransfer-Encoding: chunked\r\n\r\n"),
        local(
            .unexpectedUnderscore, .reply(400, grpc: 3), flags: "DPE", request: "GET / HTTP/1.1\r\nHost: app.test\r\nX_A: 1\r\n{headers}\r\n"),
    ]

    private static let times: [ResponseCodeCase] = [
        ResponseCodeCase(.requestHeaderTimeout, .plain(408), flags: "DPE", request: "GET / HT") { _ in
            try await TestProxy(routes: [], settings: { $0.requestReadTimeout = short })
        },
        ResponseCodeCase(
            .requestOverallTimeout, .reply(408, grpc: 4), flags: "DT",
            request: "POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 9\r\n{headers}\r\nabc", upstream: silent,
            proxy: { try await TestProxy(routes: [.test(to: [$0])], settings: { $0.requestReadTimeout = short }) }),
        ResponseCodeCase(
            .streamIdleTimeout, .reply(504, grpc: 4), flags: "SI", upstream: silent,
            proxy: { try await TestProxy(routes: [.test(to: [$0], idleTimeout: short)]) }),
        ResponseCodeCase(
            .streamIdleTimeout, .reply(408, grpc: 4), flags: "SI",
            request: "POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 9\r\n{headers}\r\nabc", upstream: silent,
            proxy: { try await TestProxy(routes: [.test(to: [$0], idleTimeout: short)]) }),
        ResponseCodeCase(
            .maxDurationTimeout, .reply(408, grpc: 4), flags: "DT", upstream: silent,
            proxy: { try await TestProxy(routes: [.test(to: [$0])], settings: { $0.streamDurationLimit = short }) }),
        ResponseCodeCase(
            .upstreamResponseTimeout, .reply(504, grpc: 4), flags: "UT", upstream: silent,
            proxy: { try await TestProxy(routes: [.test(to: [$0], timeout: short)]) }),
        ResponseCodeCase(
            .upstreamMaxStreamDuration, .cut(200), flags: "UMSDR",
            upstream: Peer {
                try Upstream { socket in
                    _ = try socket.receiveMessage()
                    try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
                    _ = try socket.receiveAll()
                }
            }, proxy: { try await TestProxy(routes: [.test(to: [$0], timeout: short)]) }),
    ]

    private static let failures: [ResponseCodeCase] = [
        ResponseCodeCase(.noHealthyUpstream, .reply(503, grpc: 14), flags: "UH") { _ in
            try await TestProxy(routes: [.test(destination: .upstream([]))])
        },
        ResponseCodeCase(.noHealthyUpstream, reason: "dns:no_such_name", .reply(503, grpc: 14), flags: "UH") { _ in
            try await TestProxy(
                routes: [.test(to: [80], host: "nowhere.test")], lookup: NameLookup { _, _ in throw NameLookup.Failure(reason: "no such name") })
        },
        ResponseCodeCase(
            .resetBeforeResponse, reason: "remote_connection_failure|delayed_connect_error:_Connection_refused", .reply(503, grpc: 14), flags: "UF"
        ) { _ in
            let closed = try ClosedPort()
            return try await TestProxy(routes: [.test(to: [closed.port])])
        },
        ResponseCodeCase(.resetBeforeResponse, reason: "connection_termination", .reply(503, grpc: 14), flags: "UC", upstream: upstream("")),
        ResponseCodeCase(
            .resetBeforeResponse, reason: "protocol_error", .reply(502, grpc: 13), flags: "UPE", upstream: upstream("SSH-2.0-OpenSSH\r\n")),
        ResponseCodeCase(
            .resetBeforeResponse, reason: "overflow", .reply(503, grpc: 14), flags: "UO", upstream: silent,
            proxy: { try await TestProxy(routes: [.test(to: [$0])], settings: { $0.upstreamConnections = 0 }) }),
        ResponseCodeCase(
            .resetAfterResponse, reason: "connection_termination", .cut(200), flags: "UC",
            upstream: upstream("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")),
    ]

    private static let ends: [ResponseCodeCase] = {
        var left = ResponseCodeCase(.downstreamRemoteDisconnect, .cut(0), flags: "DC", upstream: silent)
        left.leaves = true
        var drained = ResponseCodeCase(.downstreamLocalDisconnect, reason: "drain", .cut(0), flags: "DC", upstream: silent)
        drained.drains = true
        var full = local(.overload, .reply(503, grpc: 14), flags: "OM")
        full.isFull = true
        return [left, drained, full]
    }()
}

private struct NothingLoaded: LoadedSession {}

private struct CodeEndpoint: ControlEndpoint {
    struct Failure: Error {}

    var fails: Bool
    let pattern = EndpointPattern(.exact("/.pomerium/own"))
    var methods: [HTTPRequest.Method] { [.get, .post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        if fails { throw Failure() }
        return .text("own")
    }
}
