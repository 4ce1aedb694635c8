import Routing
import Testing

@testable import DataPlane

private struct Loaded: LoadedSession {}

@Suite struct DecisionTests {
    @Test func comesBackWithWhatWasLoaded() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let proxy = try await TestProxy(
            routes: [.test(to: [upstream.port])],
            authorizer: { request, loaded in loaded == nil ? .load { Loaded() } : .decided(.permit(.test(request.route))) })
        try await withProxy(proxy) { proxy in
            let reply = try await proxy.request("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\n\r\nabc")
            #expect(reply.text == "ok")
        }
    }

    @Test func doesNotLoadForEver() async throws {
        try await withProxy(TestProxy(routes: [.test()], authorizer: { _, _ in .load { Loaded() } })) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 503)
            #expect(reply["retry-after"] == "5")
        }
    }

    @Test func doesNotWaitForEver() async throws {
        let proxy = try await TestProxy(
            routes: [.test()],
            authorizer: { _, _ in
                .load {
                    try? await Task.sleep(for: .seconds(60))
                    return Loaded()
                }
            }, settings: { $0.authorizationTimeout = 50_000_000 })
        try await withProxy(proxy) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 503)
            #expect(try await proxy.detail() == "authorization_unavailable")
        }
    }

    @Test func survivesClientsThatLeaveWhileLoading() async throws {
        let gate = Gauge()
        let proxy = try await TestProxy(
            routes: [.test()],
            authorizer: { request, loaded in
                loaded == nil
                    ? .load {
                        while gate.value == 0 { try? await Task.sleep(for: .milliseconds(5)) }
                        return Loaded()
                    } : .decided(.permit(.test(request.route)))
            })
        try await withProxy(proxy) { proxy in
            let port = proxy.port
            try await blocking {
                let socket = try Socket.connect(port: port)
                try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                pause(milliseconds: 30)
            }
            #expect(try await proxy.detail() == "downstream_remote_disconnect")
            gate.set(1)
            let reply = try await proxy.request("GET /ping HTTP/1.1\r\nHost: app.test\r\n\r\n")
            #expect(reply.status == 404)
        }
    }

    @Test func keepsTheConnectionAfterADeniedBody() async throws {
        let deny: @Sendable (AuthorizationRequest, (any LoadedSession)?) -> AuthorizationStep = { _, _ in
            .decided(.respond(LocalResponse(status: 403, headers: [("x-why", "because")], body: Array("no".utf8), detail: "ext_authz_denied")))
        }
        try await withProxy(TestProxy(routes: [.test()], authorizer: deny)) { proxy in
            let port = proxy.port
            let replies = try await blocking { () -> [Message] in
                let socket = try Socket.connect(port: port)
                return try (0..<2).map { _ in
                    try socket.send("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 6\r\n\r\nabc")
                    let reply = try socket.receiveMessage()
                    try socket.send("def")
                    return reply
                }
            }
            #expect(replies.map(\.status) == [403, 403])
            #expect(replies.map { $0["x-why"] } == ["because", "because"])
            #expect(try await proxy.log(2).map { $0["response-code-details"] } == ["ext_authz_denied", "ext_authz_denied"])
        }
    }

    @Test func rewritesResponseHeaders() async throws {
        let upstream = try Upstream.fixed(
            "HTTP/1.1 302 Found\r\nLocation: http://inner.test/x\r\nX-Frame-Options: DENY\r\nX-Request-Id: theirs\r\nX-Pomerium-Y: forged\r\nContent-Length: 0\r\n\r\n"
        )
        let route = CompiledRoute.test(
            to: [upstream.port], responseLines: "X-Frame-Options: SAMEORIGIN\r\n", responseDrops: ["x-frame-options"],
            rewrites: [ResponseHeaderRewrite(header: "location", prefix: "http://inner.test", value: "https://app.test")])
        try await withProxy(TestProxy(routes: [route])) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply["location"] == "https://app.test/x")
            #expect(reply.all("x-frame-options") == ["SAMEORIGIN"])
            #expect(reply.all("x-request-id").count == 1)
            #expect(reply["x-request-id"] != "theirs")
            #expect(reply["x-pomerium-y"] == nil)
        }
    }

    @Test(arguments: [
        CompiledRoute.Destination.response(DirectResponse(status: 200, body: "text")),
        .redirect(
            {
                var action = RedirectAction()
                action.pathRedirect = "/elsewhere"
                return action
            }()),
    ])
    func setsTheRoutesHeadersOnItsOwnAnswers(destination: CompiledRoute.Destination) async throws {
        let route = CompiledRoute.test(
            destination: destination, responseLines: "Content-Type: text/markdown\r\nX-Own: 1\r\n", responseDrops: ["content-type", "x-own"])
        try await withProxy(TestProxy(routes: [route])) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.all("content-type") == ["text/markdown"])
            #expect(reply["x-own"] == "1")
            // The route's lines hold the global ones already.
            #expect(reply["x-frame-options"] == nil)
            let other = try await proxy.request("GET / HTTP/1.1\r\nHost: unknown.test\r\n\r\n")
            #expect(other["x-frame-options"] == "SAMEORIGIN")
        }
    }

    @Test func newSnapshotsCountForTheNextRequest() async throws {
        let old = CompiledRoute.test(destination: .response(DirectResponse(status: 200, body: "old")))
        let new = CompiledRoute.test(destination: .response(DirectResponse(status: 200, body: "new")))
        try await withProxy(TestProxy(routes: [old])) { proxy in
            let first = try await proxy.get("/")
            let current = proxy.holder.snapshot
            proxy.holder.replace(
                DataPlaneSnapshot(
                    routes: RouteTable([new]), settings: current.settings, controlRouter: current.controlRouter, serverTLS: nil,
                    upstreamTLS: current.upstreamTLS, makeAuthorizer: current.makeAuthorizer))
            let second = try await proxy.get("/")
            #expect([first.text, second.text] == ["old", "new"])
        }
    }

    @Test func drainsBeforeItStops() async throws {
        let go = Gauge()
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            go.set(1)
            while go.value == 1 { pause(milliseconds: 5) }
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            async let reply = proxy.get("/")
            try await blocking { while go.value == 0 { pause(milliseconds: 5) } }
            async let stopped: Void = proxy.server.shutdown(drain: .seconds(5))
            try await blocking { while !proxy.server.isShuttingDown { pause(milliseconds: 5) } }
            go.set(2)
            let message = try await reply
            await stopped
            #expect(message.text == "ok")
            #expect(message["connection"] == "close")
            #expect(proxy.server.connectionCount == 0)
        }
    }
}
