import Crypto
import Foundation
import HTTPWire
import KeyMaterial
import Records
import Routing
import Sessions
import Testing

@testable import Authorize

@Suite struct PolicyAuthorizerTests {
    private let members = "allow: {and: [{groups: {has: eng}}]}"

    @Test func sendsABrowserToSignInAndBindsItToTheBrowser() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let response = try #require(
            try await fixture.decide(fixture.request("/a/b?c=d", route: route, headers: AuthorizeFixture.browser)).response)
        #expect(response.status == 302)
        let location = try #require(response.header("location"))
        #expect(location.hasPrefix("https://auth.example.com/.pomerium/sign_in?pomerium_request="))
        let token = try #require(location.split(separator: "=", maxSplits: 1).last)
        let request = try #require(SignInRequest.open(String(token), with: fixture.keys))
        #expect(request.redirectURL == "https://app.example.com/a/b?c=d")
        let cookie = try #require(response.header("set-cookie"))
        let value = try #require(cookie.split(separator: ";").first?.split(separator: "=").last)
        #expect(cookie.hasPrefix("__Host-_pomerium_browser="))
        #expect(request.browserDigest == RandomToken.digest(String(value)))
    }

    @Test func keepsTheBrowserCookieOfParallelTabs() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let value = RandomToken.text(bytes: 16)
        let headers = AuthorizeFixture.browser + ["Cookie: __Host-_pomerium_browser=\(value)"]
        let response = try #require(try await fixture.decide(fixture.request(route: route, headers: headers)).response)
        #expect(response.header("set-cookie") == nil)
        let token = try #require(response.header("location")?.split(separator: "=", maxSplits: 1).last)
        #expect(SignInRequest.open(String(token), with: fixture.keys)?.browserDigest == RandomToken.digest(value))
    }

    @Test(arguments: [
        ("GET", ["Accept: application/json"]),
        ("GET", []),
        ("GET", ["Accept: */*"]),
        ("POST", ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Content-Length: 0"]),
        ("GET", ["Accept: text/html", "Sec-Fetch-Mode: cors"]),
        ("GET", ["Accept: text/html", "Authorization: Pomerium x"]),
        ("GET", ["Accept: text/html", "X-Pomerium-Authorization: x"]),
    ])
    func answersProgramsWith401(_ method: String, _ headers: [String]) async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let response = try #require(try await fixture.decide(fixture.request(route: route, method: method, headers: headers)).response)
        #expect(response.status == 401)
        #expect(response.text.contains("https://auth.example.com/.pomerium/sign_in?"))
        #expect(response.header("location") == nil)
    }

    @Test func permitsWithASignedIdentity() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members, claims: [("x-pomerium-claim-email", "email"), ("x-number", "number"), ("x-none", "none")])
        let token = try await fixture.signIn()
        let permit = try #require(
            try await fixture.decide(fixture.request(route: route, headers: [fixture.cookieHeader(token)])).permit)
        let lines = String(decoding: permit.identityLines, as: UTF8.self)
        #expect(lines.contains("x-pomerium-claim-email: ann@example.com\r\n"))
        #expect(lines.contains("x-number: 1600000000\r\n"))
        #expect(lines.contains("x-none: \r\n") || lines.contains("x-none:\r\n"))
        let assertion = try #require(lines.split(separator: "\r\n").first?.split(separator: " ").last)
        let parts = assertion.split(separator: ".")
        #expect(parts.count == 3)
        let payload = try #require(Base64URL.decode(String(parts[1])))
        let claims = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
        #expect(claims["aud"] as? String == "app.example.com")
        #expect(claims["iss"] as? String == "app.example.com")
        #expect(claims["sub"] as? String == "u-ann@example.com")
        #expect(claims["user"] as? String == claims["sub"] as? String)
        #expect(claims["email"] as? String == "ann@example.com")
        #expect(claims["groups"] as? [String] == ["eng"])
        #expect(claims["sid"] as? String == "s1")
        #expect(claims["name"] as? String == "Ann")
        #expect(claims["number"] as? String == "1600000000")
        #expect((claims["exp"] as? Int ?? 0) - (claims["iat"] as? Int ?? 0) == 300)
        #expect(claims["none"] == nil)
    }

    @Test func signsOnceForManyRequestsAndAgainBeforeTheEnd() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let headers = [fixture.cookieHeader(try await fixture.signIn())]
        let first = try #require(try await fixture.decide(fixture.request(route: route, headers: headers)).permit).identityLines
        fixture.time.advance(119)
        let second = try #require(try await fixture.decide(fixture.request(route: route, headers: headers)).permit).identityLines
        #expect(first == second)
        fixture.time.advance(1)
        let third = try #require(try await fixture.decide(fixture.request(route: route, headers: headers)).permit).identityLines
        #expect(third != second)
    }

    @Test func readsTheStoreOnceForASession() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let headers = [fixture.cookieHeader(try await fixture.signIn())]
        for _ in 0..<5 { _ = try await fixture.decide(fixture.request(route: route, headers: headers)) }
        #expect(fixture.store.reads == 2)
    }

    @Test func forgetsARevokedSessionAtOnce() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let headers = [fixture.cookieHeader(try await fixture.signIn())]
        #expect(try await fixture.decide(fixture.request(route: route, headers: headers)).permit != nil)
        try await fixture.store.delete(Session.self, id: "s1")
        fixture.directory.apply(.changed(Record(type: Session.recordType, id: "s1", data: [], isDeleted: true)))
        #expect(try await fixture.decide(fixture.request(route: route, headers: headers)).response?.status == 401)
    }

    @Test func endsASessionAtItsTime() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let headers = [fixture.cookieHeader(try await fixture.signIn(lifetime: 100))]
        #expect(try await fixture.decide(fixture.request(route: route, headers: headers)).permit != nil)
        fixture.time.advance(100)
        #expect(try await fixture.decide(fixture.request(route: route, headers: headers)).response?.status == 401)
    }

    @Test func refusesACookieOfAnotherHost() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let token = try await fixture.signIn(host: "other.example.com")
        #expect(
            try await fixture.decide(fixture.request(route: route, headers: [fixture.cookieHeader(token)])).response?.status == 401)
    }

    @Test func acceptsACookieOfTheDomainOnEveryHost() async throws {
        let fixture = try AuthorizeFixture(cookies: CookieSettings(domain: "example.com"))
        let route = try AuthorizeFixture.route(members)
        let token = try await fixture.signIn(host: "other.example.com")
        #expect(try await fixture.decide(fixture.request(route: route, headers: [fixture.cookieHeader(token)])).permit != nil)
    }

    @Test func refusesASessionOfAnotherProvider() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let token = try await fixture.signIn(provider: "somebody-else")
        #expect(
            try await fixture.decide(fixture.request(route: route, headers: [fixture.cookieHeader(token)])).response?.status == 401)
    }

    @Test func looksBehindABadCookie() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let token = try await fixture.signIn()
        let name = fixture.cookies.sessionName
        let headers = ["Cookie: \(name)=garbage; \(name)=\(token)"]
        #expect(try await fixture.decide(fixture.request(route: route, headers: headers)).permit != nil)
    }

    @Test(arguments: ["X-Pomerium-Authorization: ", "Authorization: Pomerium ", "Authorization: Bearer Pomerium-", "authorization: BEARER pomerium-"])
    func takesTokensFromHeaders(_ prefix: String) async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let token = try await fixture.signIn()
        #expect(try await fixture.decide(fixture.request(route: route, headers: [prefix + token])).permit != nil)
    }

    @Test func deniesWithWhoAndWhy() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members, details: true)
        let token = try await fixture.signIn(groups: ["sales"])
        let request = try fixture.request(route: route, headers: AuthorizeFixture.browser + [fixture.cookieHeader(token)])
        let response = try #require(try await fixture.decide(request).response)
        #expect(response.status == 403)
        #expect(response.text.contains("ann@example.com"))
        #expect(response.text.contains("groups-unauthorized"))
        #expect(response.text.contains(request.requestID.description))
        #expect(response.email == "ann@example.com")
    }

    @Test func tellsAStoreFaultFromSignedOut() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let headers = [fixture.cookieHeader(try await fixture.signIn())]
        fixture.store.isBroken = true
        let response = try #require(try await fixture.decide(fixture.request(route: route, headers: headers)).response)
        #expect(response.status == 503)
        #expect(response.header("retry-after") != nil)
    }

    @Test func keepsKnownSessionsWorkingWithoutAStore() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let headers = [fixture.cookieHeader(try await fixture.signIn())]
        _ = try await fixture.decide(fixture.request(route: route, headers: headers))
        fixture.store.isBroken = true
        #expect(try await fixture.decide(fixture.request(route: route, headers: headers)).permit != nil)
    }

    @Test func sendsNoIdentityOfAnonymousVisitors() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route("allow: {and: [{accept: true}]}")
        let permit = try #require(try await fixture.decide(fixture.request(route: route)).permit)
        #expect(permit.identityLines.isEmpty)
        #expect(permit.sessionID == nil)
    }

    @Test func fillsHeaderTemplates() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(
            members, passIdentity: false, set: [("authorization", "Bearer ${pomerium.jwt}"), ("x-echo", "<${pomerium.request.headers[\"X-In\"]}>")])
        let token = try await fixture.signIn()
        let permit = try #require(
            try await fixture.decide(fixture.request(route: route, headers: [fixture.cookieHeader(token), "X-In: 1"])).permit)
        let lines = String(decoding: permit.templateLines, as: UTF8.self)
        #expect(lines.contains("authorization: Bearer ey"))
        #expect(lines.contains("x-echo: <1>\r\n"))
        #expect(permit.identityLines.isEmpty)
    }

    @Test func tellsCrawlersToStayAway() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let response = try #require(try await fixture.decide(fixture.request("/robots.txt", route: route)).response)
        #expect(response.status == 200)
        #expect(response.text == "User-agent: *\nDisallow: /\n")
    }

    @Test func stripsOnlyItsOwnCookies() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route("allow: {and: [{accept: true}]}")
        let permit = try #require(try await fixture.decide(fixture.request(route: route)).permit)
        let own = permit.ownCookies
        for name in ["__Host-_pomerium", "__Host-_pomerium_authenticate", "__Host-_pomerium_attempt_1"] { #expect(own.contains(ByteView(name))) }
        for name in ["_pomerium_theme", "__Host-_pomerium_attempt", "__Host-_pomerium2", ""] { #expect(!own.contains(ByteView(name))) }
    }

    @Test func offersToSignInAsSomebodyElse() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let token = try await fixture.signIn(groups: ["sales"])
        let response = try #require(
            try await fixture.decide(fixture.request("/x", route: route, headers: AuthorizeFixture.browser + [fixture.cookieHeader(token)]))
                .response)
        let marker = "pomerium_request="
        let start = try #require(response.text.range(of: marker)).upperBound
        let sealed = response.text[start...].prefix { $0 != "\"" && $0 != "&" }
        let request = try #require(SignInRequest.open(String(sealed), with: fixture.keys))
        #expect(request.switchesUser == true)
        #expect(request.redirectURL == "https://app.example.com/x")
    }

    @Test func endsPermitsOfRevokedSessionsAlone() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        let headers = [fixture.cookieHeader(try await fixture.signIn())]
        let permit = try #require(try await fixture.decide(fixture.request(route: route, headers: headers)).permit)
        let now = fixture.time.seconds * 1_000_000_000
        guard case .holds = fixture.authorizer.check(permit, now: now) else {
            Issue.record("a live session does not hold")
            return
        }
        // Out of memory is not revoked.
        fixture.directory.apply(.overflow)
        if case .ask(let ask) = fixture.authorizer.check(permit, now: now) { #expect(await ask()) }
        try await fixture.store.delete(Session.self, id: "s1")
        fixture.directory.apply(.overflow)
        guard case .ask(let ask) = fixture.authorizer.check(permit, now: now) else {
            Issue.record("a revoked session holds")
            return
        }
        #expect(await !ask())
    }

    @Test func refusesTokensThatWereTamperedWith() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(members)
        var bytes = Array(try await fixture.signIn().utf8)
        bytes[bytes.count / 2] = bytes[bytes.count / 2] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let headers = [fixture.cookieHeader(String(decoding: bytes, as: UTF8.self))]
        #expect(try await fixture.decide(fixture.request(route: route, headers: headers)).response?.status == 401)
    }
}
