import Diagnostics
import HTTPWire
import PolicyLanguage
import Routing
import Testing

@testable import ProxyConfig

@Suite struct RouteCompilerTests {
    private func route(_ lines: String, global: String = "") throws -> CompiledRoute {
        let snapshot = try SampleConfig.load(SampleConfig.route("to: http://127.0.0.1\nallow_any_authenticated_user: true\n" + lines, global: global))
        return try #require(snapshot.routes.first)
    }

    @Test(arguments: [
        "Host", "cookie", "X-Forwarded-For", "x_forwarded_proto", "X-Request-Id", "connection", "x-pomerium-jwt-assertion", "impersonate-user",
        "X-Set",
        "X-REMOVED", "X-Claim", "expect",
    ])
    func dropsWhatTheProxyManages(name: String) throws {
        let route = try route("set_request_headers: {X-Set: a}\nremove_request_headers: [X-Removed]", global: "jwt_claims_headers: {X-Claim: email}")
        #expect(route.requestHeaders.filter.contains(ByteView(name)) || name.lowercased().hasPrefix("x-pomerium-"))
    }

    @Test(arguments: ["accept", "authorization", "x-other"])
    func letsOtherFieldsPass(name: String) throws {
        #expect(!(try route("").requestHeaders.filter.contains(ByteView(name))))
    }

    @Test func serialisesConstantHeaders() throws {
        let constant = try route("set_request_headers: {X-A: \"1$$\", X-B: b}")
        #expect(constant.requestHeaders.constantLines == Array("X-A: 1$\r\nX-B: b\r\n".utf8))
        #expect(try route("").requestHeaders.constantLines == [])
        #expect(try route("set_request_headers: {X-A: 1, X-B: \"${pomerium.jwt}\"}").requestHeaders.constantLines == nil)
    }

    @Test func removesWhatIsSetAndRemoved() throws {
        let route = try route("set_request_headers: {X-A: 1, X-B: 2}\nremove_request_headers: [x-a]")
        #expect(route.requestHeaders.set.map(\.name) == ["X-B"])
        #expect(route.requestHeaders.constantLines == Array("X-B: 2\r\n".utf8))
    }

    @Test func dropsFieldsWithUnderscoresUnlessTheyAreAllowed() throws {
        func drops(_ action: String) throws -> Bool {
            let filter = try route("", global: "headers_with_underscores_action: \(action)").requestHeaders.filter
            let head = try RequestHead.parse(Array("GET / HTTP/1.1\r\nHost: a\r\nX_A: b\r\n\r\n".utf8))
            var builder = HeadBuilder()
            builder.copyFields(from: head, except: filter)
            return builder.bytes.isEmpty
        }
        #expect(try drops("drop_header"))
        #expect(!(try drops("allow")))
    }

    @Test func overwritesTheApplicationsHeaders() throws {
        let rules = try route("set_response_headers: {X-Own: a}").responseHeaders
        #expect(rules.filter.contains(ByteView("x-own")))
        #expect(rules.filter.contains(ByteView("x-frame-options")))
        #expect(!rules.filter.contains(ByteView("content-type")))
        #expect(try route("set_response_headers: {disable: true}").responseHeaders.lines.isEmpty)
    }

    @Test func joinsOptionsAndPolicy() throws {
        let route = try route("cors_allow_preflight: true\npolicy: [{deny: {or: [{domain: {is: example.com}}]}}]")
        #expect(route.access.policies.map(\.label) == ["route options", "policy"])
        #expect(route.access.policies[0].admitsAnonymous)
        #expect(!route.access.isPublic)
    }

    @Test func letsNobodyInWithoutAccessOptions() throws {
        let snapshot = try SampleConfig.load("routes: [{from: \"https://a.localhost\", to: \"http://a\"}]")
        let route = try #require(snapshot.routes.first)
        #expect(route.access.policies.count == 1)
        #expect(!route.access.policies[0].admitsAnonymous)
    }

    @Test func takesGlobalDefaultsWhereTheRouteSaysNothing() throws {
        let global = "pass_identity_headers: true\njwt_issuer_format: uri\nallow_upgrades: [websocket]\ndefault_upstream_timeout: 0"
        let inherited = try route("", global: global)
        #expect(inherited.identity.passIdentityHeaders)
        #expect(inherited.identity.issuerFormat == .uri)
        #expect(inherited.upgrades == ["websocket"])
        #expect(inherited.timeout == nil)
        let own = try route("pass_identity_headers: false\njwt_issuer_format: hostOnly\nallow_upgrades: []\ntimeout: 5s", global: global)
        #expect(!own.identity.passIdentityHeaders)
        #expect(own.identity.issuerFormat == .hostOnly)
        #expect(own.upgrades.isEmpty)
        #expect(own.timeout == 5_000_000_000)
    }

    @Test func speaksToKubernetes() throws {
        let route = try route("kubernetes_service_account_token: abc")
        #expect(route.identity.kubernetesToken == "abc")
        #expect(route.upgrades == ["websocket", "spdy/3.1"])
        #expect(route.timeout == nil)
        #expect(route.idleTimeout == nil)
        for name in ["Authorization", "Impersonate-User", "Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-Scopes"] {
            #expect(route.requestHeaders.filter.contains(ByteView(name)), "\(name)")
        }
        let limited = try self.route("kubernetes_service_account_token: abc\ntimeout: 5s\nidle_timeout: 6s")
        #expect(limited.timeout == 5_000_000_000)
        #expect(limited.idleTimeout == 6_000_000_000)
    }

    @Test(
        arguments: [
            ("", "", 30_000_000_000, 300_000_000_000), ("allow_websockets: true", "", nil, nil), ("allow_upgrades: [websocket]", "", nil, nil),
            ("", "allow_upgrades: [websocket]", 30_000_000_000, 300_000_000_000),
            ("allow_upgrades: []", "allow_upgrades: [websocket]", 30_000_000_000, 300_000_000_000),
            ("allow_websockets: true\ntimeout: 1s", "", 1_000_000_000, nil), ("allow_websockets: true\nidle_timeout: 1s", "", nil, 1_000_000_000),
            ("timeout: 0", "", nil, 300_000_000_000), ("idle_timeout: 0", "", 30_000_000_000, nil),
            ("allow_spdy: true", "", 30_000_000_000, 300_000_000_000),
        ] as [(String, String, Int64?, Int64?)])
    func takesTimeoutsOffLongConnections(lines: String, global: String, timeout: Int64?, idle: Int64?) throws {
        let route = try route(lines, global: global)
        #expect(route.timeout == timeout)
        #expect(route.idleTimeout == idle)
    }

    @Test func closesRoutesThatCannotBeBuilt() throws {
        let text = "routes: [{from: \"https://a.localhost\", to: \"http://a\", allow_public_unauthenticated_access: true, path: /x, regex: \"(\"}]"
        let snapshot = try SampleConfig.loader(text).loadTolerant("config.yaml")
        let route = try #require(snapshot.routes.first)
        guard case .unavailable = route.destination else {
            Issue.record("the route is served")
            return
        }
        #expect(!route.access.isPublic)
        #expect(route.access.policies.isEmpty)
        #expect(snapshot.report.hasErrors)
        guard case .route = snapshot.table.match(host: "a.localhost", path: "/anything") else {
            Issue.record("another route could take its place")
            return
        }
    }
}
