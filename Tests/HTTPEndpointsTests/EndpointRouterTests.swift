import HTTPEndpoints
import HTTPTypes
import Testing

private struct Named: ControlEndpoint {
    var name: String
    var pattern: EndpointPattern
    var methods: [HTTPRequest.Method] = [.get]

    func respond(to request: ControlRequest) async throws -> ControlResponse { .text(name) }
}

@Suite struct EndpointRouterTests {
    private let router = EndpointRouter(
        [
            Named(name: "all", pattern: EndpointPattern(.prefix("/.pomerium/"))),
            Named(name: "callback", pattern: EndpointPattern(.prefix("/.pomerium/callback/"), on: .routes)),
            Named(name: "sign in", pattern: EndpointPattern(.exact("/.pomerium/sign_in"), on: .authenticate), methods: [.get, .post]),
            Named(name: "second", pattern: EndpointPattern(.exact("/.pomerium/sign_in"), on: .authenticate)),
            Named(name: "post", pattern: EndpointPattern(.exact("/post")), methods: [.post]),
            Named(name: "named", pattern: EndpointPattern(.exact("/"), on: .named("verify.example"))),
        ], authenticateHost: "auth.example")

    @Test(arguments: [
        ("app.example", "/.pomerium/", "all"), ("app.example", "/.pomerium/x", "all"), ("app.example", "/.pomerium/callback/", "callback"),
        ("auth.example", "/.pomerium/callback/", "all"), ("auth.example", "/.pomerium/sign_in", "sign in"),
        ("app.example", "/.pomerium/sign_in", "all"),
        ("app.example", "/.pomerium", nil), ("app.example", "/", nil), ("verify.example", "/", "named"), ("verify.example", "/x", nil),
        ("app.example", "/.pomerium/\u{301}", "all"), ("app.example", "/.Pomerium/", nil),
    ])
    func choosesTheMostExactPath(host: String, path: String, name: String?) {
        #expect((router.endpoint(host: host, path: path) as? Named)?.name == name)
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/.pomerium/", 200, nil), (.head, "/.pomerium/", 200, nil), (.post, "/.pomerium/", 405, "GET, HEAD"),
        (.get, "/post", 405, "POST"), (.head, "/post", 405, "POST"), (.post, "/post", 200, nil), (.get, "/none", 404, nil),
    ])
    func checksTheMethod(method: HTTPRequest.Method, path: String, status: Int, allow: String?) async throws {
        let response = try await router.respond(to: ControlRequest(method: method, host: "app.example", path: path))
        #expect(response.status.code == status)
        #expect(response.headers[.allow] == allow)
    }
}
