import Foundation
import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records
import Testing

@testable import IdentityProviders

@Suite struct OIDCProviderTests {
    private let attempt = AuthorizationAttempt(
        state: "st&te", nonce: "n1", codeChallenge: "ch", redirectURI: "https://auth.test/oauth2/callback")

    @Test func asksForACodeWithEverythingThatBindsIt() async throws {
        let issuer = try FakeIssuer()
        let provider = try issuer.provider {
            $0.requestParameters = ["prompt": "login", "state": "evil", "response_type": "token"]
            $0.scopes = ["openid", "email"]
        }
        let url = try await provider.authorizationURL(for: attempt)
        #expect(url.hasPrefix("https://issuer.test/authorize?"))
        let query = FormParameters(String(url.split(separator: "?")[1]))
        #expect(query["response_type"] == "code")
        #expect(query["client_id"] == "client")
        #expect(query["redirect_uri"] == "https://auth.test/oauth2/callback")
        #expect(query["scope"] == "openid email")
        #expect(query["state"] == "st&te")
        #expect(query["nonce"] == "n1")
        #expect(query["code_challenge"] == "ch")
        #expect(query["code_challenge_method"] == "S256")
        #expect(query["prompt"] == "login")
        #expect(query.pairs.filter { $0.name == "state" || $0.name == "response_type" }.count == 2)
    }

    @Test func keepsTheQueryOfAnEndpoint() async throws {
        let issuer = try FakeIssuer()
        issuer.with { $0.discovery["authorization_endpoint"] = .string("https://issuer.test/authorize?tenant=1") }
        #expect(try await issuer.provider().authorizationURL(for: attempt).hasPrefix("https://issuer.test/authorize?tenant=1&response_type=code"))
    }

    @Test func turnsACodeIntoAPerson() async throws {
        let issuer = try FakeIssuer()
        let person = try await issuer.provider().redeem(code: "c1", for: FakeIssuer.redemption)
        #expect(person.subject == "s1")
        #expect(person.email == "ann@example.com")
        #expect(person.name == "Ann")
        #expect(person.claims["groups"] == [.string("a"), .string("b")])
        #expect(person.claims.keys.sorted() == ["email", "email_verified", "groups", "name"])
        #expect(person.tokens.accessToken == "at1")
        #expect(person.tokens.refreshToken == "rt1")
        #expect(person.tokens.accessTokenExpiresAt == issuer.clock.seconds + 600)
        #expect(!person.tokens.endsWithAccessToken)
        let request = try #require(issuer.with { $0.requests.first { $0.url.hasSuffix("/token") } })
        #expect(request.headers[.authorization] == "Basic \(Data("client:s%3Ae%2Fc".utf8).base64EncodedString())")
        let form = FormParameters(String(decoding: request.body, as: UTF8.self))
        #expect(form["grant_type"] == "authorization_code")
        #expect(form["code"] == "c1")
        #expect(form["code_verifier"] == "v1")
        #expect(form["client_secret"] == nil)
    }

    @Test(arguments: [
        ([], "secret", true, false), (["client_secret_post"], "secret", false, true),
        (["client_secret_basic", "client_secret_post"], "secret", true, false),
        (["private_key_jwt"], "secret", true, false), ([], "", false, false),
    ])
    func provesItselfAsTheProviderWants(_ methods: [String], _ secret: String, _ basic: Bool, _ post: Bool) async throws {
        let issuer = try FakeIssuer()
        issuer.with { $0.discovery["token_endpoint_auth_methods_supported"] = .array(methods.map { .string($0) }) }
        _ = try await issuer.provider { $0.clientSecret = secret }.redeem(code: "c1", for: FakeIssuer.redemption)
        let request = try #require(issuer.with { $0.requests.first { $0.url.hasSuffix("/token") } })
        let form = FormParameters(String(decoding: request.body, as: UTF8.self))
        #expect((request.headers[.authorization] != nil) == basic)
        #expect((form["client_secret"] != nil) == post)
        #expect((form["client_id"] != nil) == !basic)
    }

    @Test func endsTheSessionWithAnAccessTokenThatNothingRefreshes() async throws {
        let issuer = try FakeIssuer()
        issuer.with { $0.token["refresh_token"] = nil }
        let person = try await issuer.provider().redeem(code: "c1", for: FakeIssuer.redemption)
        #expect(person.tokens.endsWithAccessToken)
    }

    @Test func tellsARefusedCodeFromARefusedClient() async throws {
        let issuer = try FakeIssuer()
        issuer.with {
            $0.tokenStatus = 400
            $0.token = ["error": .string("invalid_grant"), "error_description": .string("too old")]
        }
        await #expect(throws: IdentityProviderError.grantRefused(code: "invalid_grant", description: "too old")) {
            try await issuer.provider().redeem(code: "c1", for: FakeIssuer.redemption)
        }
        issuer.with {
            $0.tokenStatus = 401
            $0.token = ["error": .string("invalid_client")]
        }
        await #expect(throws: IdentityProviderError.refused(code: "invalid_client", description: "")) {
            try await issuer.provider().redeem(code: "c1", for: FakeIssuer.redemption)
        }
        issuer.with { $0.tokenStatus = 503 }
        await #expect(throws: IdentityProviderError.self) { try await issuer.provider().redeem(code: "c1", for: FakeIssuer.redemption) }
    }

    @Test func refusesUserinfoAboutSomebodyElse() async throws {
        let issuer = try FakeIssuer()
        issuer.with { $0.userinfo["sub"] = .string("s2") }
        await #expect(throws: IdentityProviderError.untrustworthyToken("the userinfo endpoint speaks about somebody else")) {
            try await issuer.provider().redeem(code: "c1", for: FakeIssuer.redemption)
        }
    }

    @Test func replacesClaimsOnRefresh() async throws {
        let issuer = try FakeIssuer()
        let provider = try issuer.provider()
        let person = try await provider.redeem(code: "c1", for: FakeIssuer.redemption)
        issuer.with {
            $0.userinfo["groups"] = nil
            $0.claims["nonce"] = nil
            $0.token = ["access_token": .string("at2"), "expires_in": .string("60")]
        }
        let renewed = try await provider.refresh(person.tokens, subject: "s1")
        #expect(renewed.claims["groups"] == nil)
        #expect(renewed.tokens.accessToken == "at2")
        #expect(renewed.tokens.refreshToken == "rt1")
        #expect(renewed.tokens.accessTokenExpiresAt == issuer.clock.seconds + 60)
        await #expect(throws: IdentityProviderError.self) { try await provider.refresh(person.tokens, subject: "s2") }
        await #expect(throws: IdentityProviderError.self) { try await provider.refresh(ProviderTokens(), subject: "s1") }
    }

    @Test func revokesAndEndsTheSession() async throws {
        let issuer = try FakeIssuer()
        let provider = try issuer.provider()
        try await provider.revoke(ProviderTokens(accessToken: "at1", refreshToken: "rt1"))
        let request = try #require(issuer.with { $0.requests.last })
        #expect(String(decoding: request.body, as: UTF8.self) == "token=rt1&token_type_hint=refresh_token")
        let url = try await provider.endSessionURL(idToken: "id", returnTo: "https://auth.test/.pomerium/signed_out")
        #expect(
            url == "https://issuer.test/logout?x=1&id_token_hint=id&client_id=client"
                + "&post_logout_redirect_uri=https%3A%2F%2Fauth.test%2F.pomerium%2Fsigned_out")
    }

    @Test func keepsItsIDThroughChangesOfSecretAndScopes() throws {
        let issuer = try FakeIssuer()
        let id = try issuer.provider().id
        #expect(try issuer.provider { $0.clientSecret = "other" }.id == id)
        #expect(try issuer.provider { $0.scopes = ["openid"] }.id == id)
        #expect(try issuer.provider { $0.clientID = "other" }.id != id)
    }
}

@Suite struct DiscoveryTests {
    @Test func asksOnceForAll() async throws {
        let issuer = try FakeIssuer()
        let cache = DiscoveryCache(url: FakeIssuer.url + "/", checksIssuer: true, transport: issuer, clock: issuer.clock.wall)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await cache.current() } }
            try await group.waitForAll()
        }
        #expect(issuer.paths() == ["/.well-known/openid-configuration"])
    }

    @Test func pausesAfterFailuresAndRecovers() async throws {
        let issuer = try FakeIssuer()
        let cache = DiscoveryCache(url: FakeIssuer.url, checksIssuer: true, transport: issuer, clock: issuer.clock.wall)
        issuer.with { $0.fault = TransportError("connection refused") }
        for _ in 0..<3 {
            await #expect(throws: IdentityProviderError.unreachable("connection refused")) { try await cache.current() }
        }
        #expect(issuer.paths().count == 1)
        issuer.clock.advance(1)
        await #expect(throws: IdentityProviderError.self) { try await cache.current() }
        issuer.with { $0.fault = nil }
        await #expect(throws: IdentityProviderError.self) { try await cache.current() }
        issuer.clock.advance(2)
        #expect(try await cache.current().issuer == FakeIssuer.url)
        #expect(issuer.paths().count == 3)
    }

    @Test func keepsTheOldOneWhileThereIsNoNewerOne() async throws {
        let issuer = try FakeIssuer()
        let cache = DiscoveryCache(url: FakeIssuer.url, checksIssuer: true, transport: issuer, clock: issuer.clock.wall)
        _ = try await cache.current()
        issuer.with { $0.statusOf["/.well-known/openid-configuration"] = 503 }
        issuer.clock.advance(7200)
        #expect(try await cache.current().issuer == FakeIssuer.url)
    }

    @Test(arguments: [
        ("issuer", JSONValue.string("https://other.test")), ("issuer", .null), ("token_endpoint", .string("http://issuer.test/token")),
        ("authorization_endpoint", .string("javascript:alert(1)")), ("jwks_uri", .integer(1)), ("authorization_endpoint", .string("https://x y")),
    ])
    func refusesADescriptionThatDoesNotFit(_ member: String, _ value: JSONValue) async throws {
        let issuer = try FakeIssuer()
        issuer.with { $0.discovery[member] = value }
        let cache = DiscoveryCache(url: FakeIssuer.url, checksIssuer: true, transport: issuer, clock: issuer.clock.wall)
        await #expect { try await cache.current() } throws: { error in
            if case IdentityProviderError.misconfigured = error { true } else { false }
        }
    }
}
