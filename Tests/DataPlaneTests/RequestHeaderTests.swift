import HTTPWire
import Routing
import Testing

@testable import DataPlane

@Suite struct RequestHeaderTests {
    /// What the upstream received for these fields.
    private func received(
        _ headers: String, path: String = "/x", route change: (Int) -> CompiledRoute = { .test(to: [$0]) }, permit identity: String = "",
        settings: (inout DataPlaneSettings) -> Void = { _ in }
    ) async throws -> Message {
        let upstream = try Upstream.echo()
        let proxy = try await TestProxy(
            routes: [change(upstream.port)],
            authorizer: { request, _ in .decided(.permit(.test(request.route, identity: identity))) }, settings: settings)
        var head = ""
        try await withProxy(proxy) { proxy in head = try await proxy.get(path, headers: headers).text }
        return Message(head: head)
    }

    @Test(arguments: [
        "X-Pomerium-Jwt-Assertion: forged", "x_pomerium_jwt_assertion: forged", "X.Pomerium.Claim.Email: forged",
        "Authorization: Pomerium forged", "Authorization: Bearer Pomerium-forged", "Authorization: bearer  pomerium-forged",
        "Cookie: _pomerium=forged", "Cookie: _postern_1=forged", "X-Forwarded-Host: forged", "X-Forwarded-Port: 1234forged",
        "X_Forwarded_For: forged", "Forwarded: for=forged", "Connection: x-hop\r\nX-Hop: forged", "Keep-Alive: forged",
        "Proxy-Authorization: forged", "X-Request-Id: forged", "TE: forged",
    ])
    func stripsWhatTheClientMayNotSay(header: String) async throws {
        let head = try await received(header + "\r\n", settings: { $0.underscoreNames = .allow })
        #expect(!head.head.contains("forged"))
        #expect(head["x-request-id"]?.count == 36)
    }

    @Test(arguments: [true, false])
    func stripsEvenWhenTheRouteForgetsTo(isComplete: Bool) async throws {
        let filter = isComplete ? nil : FieldFilter()
        let head = try await received(
            "X-Forwarded-Host: forged\r\nForwarded: for=forged\r\nX-Kept: 1\r\nCookie: a=b\r\n", route: { .test(to: [$0], filter: filter) })
        #expect(!head.head.contains("forged"))
        #expect(head["x-kept"] == "1")
        #expect(head.all("host").count == 1)
        #expect(head.all("cookie") == ["a=b"])
    }

    @Test func keepsForeignCookiesAndCredentials() async throws {
        let head = try await received("Cookie: a=1; _pomerium=x; b=2\r\nCookie: c=3\r\nAuthorization: Bearer mine\r\n")
        #expect(head.all("cookie") == ["a=1; b=2; c=3"])
        #expect(head["authorization"] == "Bearer mine")
    }

    @Test func addsIdentityAndConfiguredHeaders() async throws {
        let head = try await received(
            "", route: { .test(to: [$0], setHeaders: "X-Set: 1\r\n") }, permit: "X-Pomerium-Jwt-Assertion: token\r\n")
        #expect(head["x-pomerium-jwt-assertion"] == "token")
        #expect(head["x-set"] == "1")
    }

    @Test func saysWhoAskedForWhat() async throws {
        let head = try await received("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: ftp\r\n")
        #expect(head.all("x-forwarded-for") == ["127.0.0.1"])
        #expect(head.all("x-forwarded-proto") == ["https"])
        #expect(head.all("x-forwarded-host") == ["app.test"])
        #expect(head["host"]?.hasPrefix("127.0.0.1:") == true)
    }

    @Test func believesTrustedHopsOnly() async throws {
        let id = "0b6ee1a4-5d20-4b0a-8f54-5a3b1c7d9e10"
        let head = try await received(
            "X-Forwarded-For: 6.6.6.6, 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\nX-Forwarded-Proto: http\r\nX-Request-Id: \(id)\r\n",
            settings: { $0.trustedHops = 2 })
        #expect(head.all("x-forwarded-for") == ["10.0.0.1, 10.0.0.2, 127.0.0.1"])
        #expect(head["x-forwarded-proto"] == "http")
        #expect(head["x-request-id"] == id)
    }

    @Test func leavesForwardedForAloneWhenAsked() async throws {
        let head = try await received("X-Forwarded-For: 6.6.6.6\r\n", settings: { $0.skipsForwardedForAppend = true })
        #expect(head.all("x-forwarded-for") == ["6.6.6.6"])
    }

    @Test func refusesClientsWithoutAnAddress() async throws {
        try await withProxy(TestProxy(routes: [.test()], settings: { $0.trustedHops = 1 })) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 403)
            #expect(try await proxy.detail() == "rejecting_because_detection_failed")
        }
    }

    @Test func dropsUnderscoresWhenAsked() async throws {
        let head = try await received("X_Y: forged\r\nX-Y: 1\r\n", settings: { $0.underscoreNames = .drop })
        #expect(!head.head.contains("forged"))
        #expect(head["x-y"] == "1")
    }

    @Test func keepsSpellingAndOrder() async throws {
        let head = try await received("X-CaMeL:  spaced \r\nAccept: a\r\nX-Other: é\r\n")
        #expect(head.head.contains("\r\nX-CaMeL: spaced\r\nAccept: a\r\nX-Other: é\r\n"))
    }

    @Test func removedHeadersOfOursStayAway() async throws {
        let head = try await received("", route: { .test(to: [$0], definition: { $0.removeRequestHeaders = ["X-Forwarded-Host"] }) })
        #expect(head["x-forwarded-host"] == nil)
    }

    /// Definition, path as sent, target as received.
    @Test(arguments: [
        ("prefix", "/api/users?q=1", "/v2/users?q=1"), ("toPath", "/users", "/base/users"), ("regex", "/item/7", "/things/7"),
        ("none", "/a%7Eb/./c?x=%2F", "/a~b/c?x=%2F"), ("none", "//double", "/double"), ("none", "/?", "/?"),
    ])
    func rewritesPaths(kind: String, path: String, expected: String) async throws {
        let head = try await received(
            "", path: path,
            route: { port in
                .test(
                    to: [port],
                    definition: { definition in
                        switch kind {
                        case "prefix":
                            definition.path = .prefix(Array("/api/".utf8))
                            definition.prefixRewrite = "/v2/"
                        case "toPath": definition.toPath = "/base"
                        case "regex":
                            definition.regexRewrite = (try? PathRegex("^/item/(.*)$")).map { RegexRewrite(pattern: $0, substitution: "/things/\\1") }
                        default: break
                        }
                    })
            })
        #expect(head.startLine == "GET \(expected) HTTP/1.1")
    }

    @Test(arguments: [
        (RouteDefinition.HostRewrite.preserve, "app.test"), (.literal("inner.test"), "inner.test"), (.header("X-Which"), "by-header.test"),
    ])
    func choosesTheHost(rewrite: RouteDefinition.HostRewrite, expected: String) async throws {
        let head = try await received(
            "X-Which: by-header.test\r\n", route: { .test(to: [$0], definition: { $0.hostRewrite = rewrite }) })
        #expect(head.all("host") == [expected])
        #expect(head["x-forwarded-host"] == "app.test")
    }

    /// The pattern sees the visitor's path, also where that is rewritten too.
    @Test func takesTheHostOutOfThePath() async throws {
        let pattern = try PathRegex("^/([^/]+)/.*$")
        let head = try await received(
            "", path: "/inner.test/x?q=1",
            route: { port in
                .test(
                    to: [port],
                    definition: {
                        $0.hostRewrite = .pathRegex(RegexRewrite(pattern: pattern, substitution: "\\1"))
                        $0.path = .prefix(Array("/inner.test/".utf8))
                        $0.prefixRewrite = "/"
                    })
            })
        #expect(head.all("host") == ["inner.test"])
        #expect(head.startLine == "GET /x?q=1 HTTP/1.1")
    }

    @Test func takesTheDestinationsHostWhereTheHeaderIsMissing() async throws {
        let head = try await received("", route: { .test(to: [$0], definition: { $0.hostRewrite = .header("X-Which") }) })
        #expect(head.all("host").first?.hasPrefix("127.0.0.1:") == true)
    }
}
