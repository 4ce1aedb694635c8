import HTTPEndpoints
import HTTPTypes
import Routing
import Testing

@testable import DataPlane

private struct Endpoint: ControlEndpoint {
    var pattern: EndpointPattern
    var methods: [HTTPRequest.Method] = [.get, .post]
    var body: @Sendable (ControlRequest) async throws -> ControlResponse

    func respond(to request: ControlRequest) async throws -> ControlResponse { try await body(request) }
}

private struct Oops: Error {}

@Suite struct ControlEndpointTests {
    private func proxy(role: ListenerRole = .proxy, settings: (inout DataPlaneSettings) -> Void = { _ in }) async throws -> TestProxy {
        try await TestProxy(
            routes: [
                .test(destination: .response(DirectResponse(status: 200, body: "route")), responseLines: "X-Frame-Options: SAMEORIGIN\r\n")
            ],
            endpoints: [
                Endpoint(pattern: EndpointPattern(.exact("/ping"))) { _ in .text("OK\n") },
                Endpoint(pattern: EndpointPattern(.prefix("/.pomerium/"))) { request in
                    .text("\(request.method) \(request.host) \(request.target) \(String(decoding: request.body, as: UTF8.self))")
                }, Endpoint(pattern: EndpointPattern(.exact("/.pomerium/broken"))) { _ in throw Oops() },
                Endpoint(pattern: EndpointPattern(.exact("/"), on: .authenticate)) { _ in .text("sign-in") },
            ], role: role, settings: settings)
    }

    /// Host, path, body.
    @Test(arguments: [
        ("app.test", "/ping", "OK\n"), ("unknown.test", "/ping", "OK\n"), ("APP.test.:8443", "/.pomerium/x?y=z", "GET app.test /.pomerium/x?y=z "),
        ("authenticate.test", "/", "sign-in"), ("app.test", "/", "route"), ("app.test", "/.pomeriumx", "route"),
    ])
    func answersWhatIsOurs(host: String, path: String, body: String) async throws {
        try await withProxy(proxy()) { proxy in
            let reply = try await proxy.request("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(reply.status == 200)
            #expect(reply.text == body)
            #expect(reply["x-request-id"] != nil)
            #expect(reply["x-frame-options"] == "SAMEORIGIN")
        }
    }

    @Test func hidesEndpointsFromUnknownHosts() async throws {
        try await withProxy(proxy()) { proxy in
            let reply = try await proxy.request("GET /.pomerium/x HTTP/1.1\r\nHost: unknown.test\r\n\r\n")
            #expect(reply.status == 404)
        }
    }

    @Test func collectsBodiesUpToTheLimit() async throws {
        try await withProxy(proxy(settings: { $0.controlBodyLimit = 10 })) { proxy in
            let fits = try await proxy.request("POST /.pomerium/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 10\r\n\r\n0123456789")
            #expect(fits.text == "POST app.test /.pomerium/x 0123456789")
            let long = try await proxy.request("POST /.pomerium/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 11\r\n\r\n0123456789a")
            #expect(long.status == 413)
            let chunked = try await proxy.request(
                "POST /.pomerium/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n")
            #expect(chunked.status == 413)
        }
    }

    @Test func survivesEndpointsThatFail() async throws {
        try await withProxy(proxy()) { proxy in
            let reply = try await proxy.get("/.pomerium/broken")
            #expect(reply.status == 500)
            #expect(!reply.text.contains("Oops"))
            #expect(try await proxy.detail() == "internal_error")
        }
    }

    @Test func keepsProbesOutOfTheLog() async throws {
        try await withProxy(proxy()) { proxy in
            _ = try await proxy.get("/ping")
            _ = try await proxy.get("/x")
            let lines = try await proxy.log()
            #expect(lines.map { $0["path"] } == ["/x"])
        }
    }

    @Test func leadsToHTTPS() async throws {
        let endpoint = Endpoint(pattern: EndpointPattern(.prefix("/.well-known/acme-challenge/"))) { _ in .text("token") }
        let router = EndpointRouter([endpoint], authenticateHost: "")
        try await withProxy(proxy(role: .httpsRedirect(port: 8443, router: router))) { proxy in
            let reply = try await proxy.request("GET /a%2Fb?c=d HTTP/1.1\r\nHost: app.test:80\r\n\r\n")
            #expect(reply.status == 301)
            #expect(reply["location"] == "https://app.test:8443/a%2Fb?c=d")
            #expect(reply["connection"] == "close")
            let challenge = try await proxy.request("GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: app.test\r\n\r\n")
            #expect(challenge.text == "token")
        }
    }

    @Test func servesAPortOfEndpointsAlone() async throws {
        let endpoint = Endpoint(pattern: EndpointPattern(.exact("/readyz"))) { _ in .text("ready") }
        try await withProxy(proxy(role: .endpoints(EndpointRouter([endpoint], authenticateHost: "")))) { proxy in
            let ready = try await proxy.request("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(ready.text == "ready")
            let other = try await proxy.request("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
            #expect(other.status == 404)
        }
    }

    /// Action, target, location.
    @Test(arguments: [
        ("host", "/a?b=c", "https://other.test/a?b=c"), ("path", "/a?b=c", "https://app.test/new?b=c"),
        ("strip", "/a?b=c", "https://app.test/a"), ("scheme", "/a", "http://app.test/a"), ("port", "/a", "https://app.test:8443/a"),
        ("prefix", "/old/x", "https://app.test/new/x"),
    ])
    func redirects(kind: String, target: String, location: String) async throws {
        var action = RedirectAction()
        switch kind {
        case "host": action.hostRedirect = "other.test"
        case "path": action.pathRedirect = "/new"
        case "strip": action.stripQuery = true
        case "scheme": action.schemeRedirect = "http"
        case "port": action.portRedirect = 8443
        default: action.prefixRewrite = "/new/"
        }
        action.responseCode = 308
        let route = CompiledRoute.test(
            destination: .redirect(action), definition: { if kind == "prefix" { $0.path = .prefix(Array("/old/".utf8)) } })
        try await withProxy(TestProxy(routes: [route])) { proxy in
            let reply = try await proxy.get(target)
            #expect(reply.status == 308)
            #expect(reply["location"] == location)
        }
    }
}
