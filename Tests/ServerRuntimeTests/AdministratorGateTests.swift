import Authorize
import BrokerStorage
import Foundation
import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import LocalReplies
import Records
import Sessions
import Testing

@testable import ServerRuntime

@Suite struct AdministratorGateTests {
    private static let host = "auth.example.com"
    private let store: MemoryStore
    private let keys: KeyRing
    private let cookies = CookieSettings()
    private let gate: AdministratorGate
    private let now: Int64 = 1_800_000_000

    init() throws {
        let clock = WallClock { 1_800_000_000_000_000_000 }
        store = MemoryStore(clock: clock)
        keys = KeyRing(writing: try #require(RootSecret(Array(repeating: 7, count: 32))))
        let authorize = AuthorizeSettings(
            authenticateAuthority: "\(Self.host):8443", cookies: cookies, providerID: "idp", signingKeys: [], keys: keys,
            renderer: LocalReplyRenderer())
        gate = AdministratorGate(
            resolver: SessionResolver(store: store, keys: keys, cookies: cookies, clock: clock), authorize: authorize,
            administrators: ["ann@example.com", ""])
    }

    private func refusal(
        email: String, provider: String = "idp", verified: ClaimValue? = nil, scope: String = SessionResolver.authenticateScope(host)
    ) async throws -> (status: Int, text: String)? {
        let session = Session(
            id: "s", userID: "u", providerID: provider, issuedAt: now, expiresAt: now + 60, claims: verified.map { ["email_verified": [$0]] } ?? [:])
        try await store.put(session)
        try await store.put(User(id: "u", name: "", email: email))
        let cookie = try SessionHandle(sessionID: "s", providerID: provider, expiresAt: now + 60).sealed(with: keys, scope: scope)
        return try await answer(cookie: "\(cookies.authenticateName)=\(cookie)")
    }

    private func answer(cookie: String?) async throws -> (status: Int, text: String)? {
        var headers = HTTPFields()
        if let cookie { headers[.cookie] = cookie }
        let request = ControlRequest(host: Self.host, path: "/api/v1/decisions", headers: headers, requestID: "req-1")
        guard let response = try await gate.refusal(of: request) else { return nil }
        #expect(response.headers[.contentType] == "application/json")
        return (response.status.code, String(decoding: response.body, as: UTF8.self))
    }

    @Test func letsAdministratorsIn() async throws {
        #expect(try await refusal(email: "ann@example.com") == nil)
        #expect(try await refusal(email: "ann@example.com", verified: .bool(true)) == nil)
    }

    @Test(arguments: ["bob@example.com", "Ann@example.com", "ann@example.com.evil.example", ""])
    func refusesOthers(_ email: String) async throws {
        let refusal = try #require(try await refusal(email: email))
        #expect(refusal.status == 403 && refusal.text.contains("not-an-administrator") && refusal.text.contains("req-1"))
    }

    @Test(arguments: [ClaimValue.bool(false), .string("false")])
    func anUnverifiedAddressIsNobodys(_ verified: ClaimValue) async throws {
        #expect(try await refusal(email: "ann@example.com", verified: verified)?.status == 403)
    }

    @Test func aSessionOfAnotherProviderIsNone() async throws {
        #expect(try await refusal(email: "ann@example.com", provider: "former")?.status == 401)
    }

    @Test func theCookieOfARouteHostIsNone() async throws {
        #expect(try await refusal(email: "ann@example.com", scope: cookies.scope(host: Self.host))?.status == 401)
    }

    @Test(arguments: [nil, "", "__Host-_pomerium=x"])
    func asksStrangersToSignIn(_ cookie: String?) async throws {
        let refusal = try #require(try await answer(cookie: cookie))
        #expect(refusal.status == 401 && refusal.text.contains("\"login_url\":\"https://auth.example.com:8443/.pomerium/\""))
    }
}
