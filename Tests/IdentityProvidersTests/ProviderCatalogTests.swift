import HTTPEndpoints
import HTTPTypes
import Records
import Synchronization
import Testing

@testable import IdentityProviders

/// Answers by URL and records what was asked.
final class ScriptedTransport: HTTPTransport {
    private let answers: [String: TransportResponse]
    private let asked = Mutex<[TransportRequest]>([])

    init(_ answers: [String: (Int, String)]) {
        self.answers = answers.mapValues { TransportResponse(status: $0.0, body: Array($0.1.utf8)) }
    }

    var requests: [TransportRequest] { asked.withLock { $0 } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        asked.withLock { $0.append(request) }
        return answers[request.url] ?? TransportResponse(status: 404)
    }
}

@Suite struct ProviderCatalogTests {
    private let attempt = AuthorizationAttempt(state: "s", nonce: "n", codeChallenge: "c", redirectURI: "https://auth.test/oauth2/callback")

    @Test(arguments: IdentityProviderCatalog.names) func makesEveryProvider(_ name: String) throws {
        let settings = IdentityProviderSettings(provider: name, url: "https://id.test", clientID: "client", clientSecret: "secret")
        let provider = try IdentityProviderCatalog.make(settings, transport: ScriptedTransport([:]))
        #expect(provider.name == name)
        #expect(provider.id == settings.providerID)
    }

    @Test func namesAnUnknownProvider() {
        #expect(throws: IdentityProviderError.unknownProvider("auth9")) {
            try IdentityProviderCatalog.make(
                IdentityProviderSettings(provider: "auth9", clientID: "c", clientSecret: ""), transport: ScriptedTransport([:]))
        }
        #expect(IdentityProviderError.unknownProvider("auth9").description == "identity: unknown provider: auth9")
    }

    @Test(arguments: [("oidc", nil, "client"), ("okta", nil, "client"), ("oidc", "id.test", "client"), ("google", nil, ""), ("github", nil, "")])
    func refusesSettingsThatLackSomething(_ name: String, _ url: String?, _ clientID: String) {
        #expect(throws: IdentityProviderError.self) {
            try IdentityProviderCatalog.make(
                IdentityProviderSettings(provider: name, url: url, clientID: clientID, clientSecret: ""), transport: ScriptedTransport([:]))
        }
    }

    @Test func asksGoogleForARefreshToken() async throws {
        let transport = ScriptedTransport([
            "https://accounts.google.com/.well-known/openid-configuration": (
                200,
                """
                {"issuer":"https://accounts.google.com","authorization_endpoint":"https://accounts.google.com/o/oauth2/v2/auth",
                "token_endpoint":"https://oauth2.googleapis.com/token","jwks_uri":"https://www.googleapis.com/oauth2/v3/certs"}
                """
            )
        ])
        let provider = try IdentityProviderCatalog.make(
            IdentityProviderSettings(provider: "google", clientID: "c", clientSecret: "s"), transport: transport)
        let query = FormParameters(String(try await provider.authorizationURL(for: attempt).split(separator: "?")[1]))
        #expect(query["scope"] == "openid profile email")
        #expect(query["access_type"] == "offline")
        #expect(query["prompt"] == "select_account consent")
    }

    @Test func readsAPersonFromGitHub() async throws {
        let transport = ScriptedTransport([
            "https://github.com/login/oauth/access_token": (200, "{\"access_token\":\"gho_1\",\"token_type\":\"bearer\"}"),
            "https://api.github.com/user": (
                200, "{\"node_id\":\"MDQ6\",\"login\":\"ann\",\"name\":\"Ann\",\"email\":\"public@example.com\",\"blog\":null}"
            ),
            "https://api.github.com/user/emails": (
                200,
                """
                [{"email":"old@example.com","primary":false,"verified":true},{"email":"ann@example.com","primary":true,"verified":true}]
                """
            ),
        ])
        let provider = try IdentityProviderCatalog.make(
            IdentityProviderSettings(provider: "github", clientID: "c", clientSecret: "s"), transport: transport)
        #expect(try await provider.authorizationURL(for: attempt).hasPrefix("https://github.com/login/oauth/authorize?"))
        let person = try await provider.redeem(code: "x", for: CodeRedemption(nonce: "n", codeVerifier: "v", redirectURI: "r"))
        #expect(person.subject == "MDQ6")
        #expect(person.email == "ann@example.com")
        #expect(person.claims["user"] == [.string("ann")])
        #expect(person.tokens.accessTokenExpiresAt == nil)
        #expect(!person.tokens.endsWithAccessToken)
        #expect(transport.requests[1].headers[.authorization] == "Bearer gho_1")
        #expect(try await provider.endSessionURL(idToken: nil, returnTo: "x") == nil)
    }

    @Test func takesAnUnverifiedGitHubAddressForNone() async throws {
        let transport = ScriptedTransport([
            "https://git.test/login/oauth/access_token": (200, "{\"access_token\":\"gho_1\"}"),
            "https://git.test/api/v3/user": (200, "{\"node_id\":\"MDQ6\",\"login\":\"ann\",\"email\":\"boss@example.com\"}"),
            "https://git.test/api/v3/user/emails": (200, "[{\"email\":\"boss@example.com\",\"primary\":true,\"verified\":false}]"),
        ])
        let provider = try IdentityProviderCatalog.make(
            IdentityProviderSettings(provider: "github", url: "https://git.test/", clientID: "c", clientSecret: "s"), transport: transport)
        let person = try await provider.redeem(code: "x", for: CodeRedemption(nonce: "n", codeVerifier: "v", redirectURI: "r"))
        #expect(person.email == "")
        #expect(person.claims["email"] == nil)
    }

    @Test func takesGitHubsUsedCodeForARefusedGrant() async throws {
        let transport = ScriptedTransport(["https://github.com/login/oauth/access_token": (200, "{\"error\":\"bad_verification_code\"}")])
        let provider = try IdentityProviderCatalog.make(
            IdentityProviderSettings(provider: "github", clientID: "c", clientSecret: "s"), transport: transport)
        await #expect(throws: IdentityProviderError.grantRefused(code: "bad_verification_code", description: "")) {
            try await provider.redeem(code: "x", for: CodeRedemption(nonce: "n", codeVerifier: "v", redirectURI: "r"))
        }
    }
}

@Suite struct ClaimFlatteningTests {
    @Test func flattensObjectsAndLists() throws {
        let json = """
            {"iss":"x","sub":"y","nonce":"z","a":{"b":{"c":1},"d":[1,"two",true,null,[3]]},"n":null,"f":1.5,"big":1600000000,"list":[{"id":"g1"},{"id":"g2"}]}
            """
        let claims = ClaimFlattening.flatten([try #require(JSONValue.object(from: Array(json.utf8)))])
        #expect(
            claims == [
                "a.b.c": [.integer(1)], "a.d": [.integer(1), .string("two"), .bool(true), .integer(3)], "f": [.number(1.5)],
                "big": [.integer(1_600_000_000)], "list.id": [.string("g1"), .string("g2")],
            ])
    }

    @Test func lastSourceWins() {
        #expect(ClaimFlattening.flatten([["a": .integer(1), "b": .integer(2)], ["a": .integer(3)]]) == ["a": [.integer(3)], "b": [.integer(2)]])
    }

    @Test func boundsDepthAndNumber() {
        var deep = JSONValue.integer(1)
        for _ in 0..<100 { deep = .object(["x": deep]) }
        let wide = JSONValue.array((0..<10_000).map { .integer($0) })
        let claims = ClaimFlattening.flatten([["deep": deep, "wide": wide]])
        #expect(claims.keys.sorted() == ["wide"])
        #expect(claims["wide"]?.count == ClaimFlattening.maximumValues)
    }
}
