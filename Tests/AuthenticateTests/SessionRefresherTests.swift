import IdentityProviders
import Logging
import Records
import Testing

@testable import Authenticate

@Suite struct SessionRefresherTests {
    private let clock = ManualClock()
    private let stub = StubProvider()

    private func filled(accessEndsIn seconds: Int64 = 30, refreshToken: String? = "r1") async throws -> (MemoryStore, SessionRefresher) {
        let store = MemoryStore(clock: clock.wall)
        let now = clock.wall.seconds
        try await store.put(
            Session(
                id: "s", userID: "u", providerID: stub.id, issuedAt: now, expiresAt: now + 3600, claims: ["groups": [.string("old")]],
                tokens: ProviderTokens(accessToken: "a1", refreshToken: refreshToken, accessTokenExpiresAt: now + seconds)))
        let refresher = SessionRefresher(
            providers: [stub], store: store, clock: clock.wall, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return (store, refresher)
    }

    private func person(groups: [String]) -> VerifiedPerson {
        VerifiedPerson(
            subject: "u", email: "u@example.com", name: "U", claims: ["groups": groups.map { .string($0) }],
            tokens: ProviderTokens(accessToken: "a2", refreshToken: "r2", accessTokenExpiresAt: clock.wall.seconds + 3600))
    }

    @Test func replacesClaimsAndTokensAsAWhole() async throws {
        let (store, refresher) = try await filled()
        stub.with { $0.refreshed = .success(person(groups: ["new"])) }
        await refresher.pass()
        let session = try #require(try await store.get(Session.self, id: "s"))
        #expect(session.claims == ["groups": [.string("new")]])
        #expect(session.tokens.refreshToken == "r2")
        #expect(try await store.get(User.self, id: "u")?.email == "u@example.com")
    }

    @Test func leavesAloneWhatIsNotDue() async throws {
        let (_, refresher) = try await filled(accessEndsIn: 600)
        await refresher.pass()
        #expect(stub.with { $0.refreshes } == 0)
        let (_, other) = try await filled(refreshToken: nil)
        await other.pass()
        #expect(stub.with { $0.refreshes } == 0)
    }

    @Test func endsASessionThatTheProviderRefuses() async throws {
        let (store, refresher) = try await filled()
        await refresher.pass()
        #expect(try await store.get(Session.self, id: "s") == nil)
    }

    @Test func keepsASessionWhoseProviderCannotBeReached() async throws {
        let (store, refresher) = try await filled()
        stub.with { $0.refreshed = .failure(.unreachable("down")) }
        await refresher.pass()
        await refresher.pass()
        #expect(stub.with { $0.refreshes } == 1)
        #expect(try await store.get(Session.self, id: "s") != nil)
        clock.advance(SessionRefresher.pause + 1)
        await refresher.pass()
        #expect(stub.with { $0.refreshes } == 2)
    }

    @Test func doesNotBringBackASessionThatWasRevokedMeanwhile() async throws {
        let (store, _) = try await filled()
        let session = try #require(try await store.get(Session.self, id: "s"))
        try await store.delete(Session.self, id: "s")
        #expect(try await !store.replaceIfPresent(session))
        #expect(try await store.get(Session.self, id: "s") == nil)
    }
}
