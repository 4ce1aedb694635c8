import KeyMaterial
import Sessions
import Testing

@Suite struct SealedValuesTests {
    private let keys: KeyRing
    private let request = SignInRequest(
        redirectURL: "https://app.example/a?b=c", callbackAuthority: "app.example:8443", browserDigest: "digest", providerID: "p", restarts: 2,
        programmaticURL: "http://localhost:1")

    init() throws {
        keys = KeyRing(writing: try #require(RootSecret(Array(0..<32))))
    }

    @Test func opensAHandleInItsScopeUntilItsEnd() throws {
        let handle = SessionHandle(sessionID: "s", providerID: "p", expiresAt: 100)
        let token = try handle.sealed(with: keys, scope: "host:app.example")
        #expect(SessionHandle.open(token, with: keys, scope: "host:app.example", now: 99) == handle)
        #expect(SessionHandle.open(Array(token.utf8), with: keys, scope: "host:app.example", now: 99) == handle)
        #expect(SessionHandle.open(token, with: keys, scope: "host:app.example", now: 100) == nil)
        #expect(SessionHandle.open(token, with: keys, scope: "host:other.example", now: 0) == nil)
        #expect(SessionHandle.open("", with: keys, scope: "host:app.example", now: 0) == nil)
    }

    @Test func carriesASignInRequest() throws {
        let token = try request.sealed(with: keys)
        #expect(SignInRequest.open(token, with: keys) == request)
        #expect(SignInRequest.open(token + "x", with: keys) == nil)
    }

    @Test func opensATicketOnItsHostOnlyAndTellsWhenItIsOver() throws {
        let ticket = CallbackTicket(id: "t", request: request, sessionID: "s", providerID: "p", sessionExpiresAt: 1000, expiresAt: 60)
        let token = try ticket.sealed(with: keys, host: "app.example")
        #expect(CallbackTicket.open(token, with: keys, host: "app.example") == ticket)
        #expect(CallbackTicket.open(token, with: keys, host: "evil.example") == nil)
    }

    @Test func takesNoKindForAnother() throws {
        let handle = try SessionHandle(sessionID: "s", providerID: "p", expiresAt: 100).sealed(with: keys, scope: "app.example")
        let ticket = try CallbackTicket(id: "t", request: request, sessionID: "s", providerID: "p", sessionExpiresAt: 1000, expiresAt: 60)
            .sealed(with: keys, host: "app.example")
        let signIn = try request.sealed(with: keys)
        for token in [ticket, signIn] { #expect(SessionHandle.open(token, with: keys, scope: "app.example", now: 0) == nil) }
        for token in [handle, signIn] { #expect(CallbackTicket.open(token, with: keys, host: "app.example") == nil) }
        for token in [handle, ticket] { #expect(SignInRequest.open(token, with: keys) == nil) }
    }

    @Test func tellsNothingWithoutTheKey() throws {
        let other = KeyRing(writing: try #require(RootSecret(Array(repeating: 9, count: 32))))
        let token = try request.sealed(with: keys)
        #expect(SignInRequest.open(token, with: other) == nil)
        #expect(!token.contains("app.example"))
    }
}
