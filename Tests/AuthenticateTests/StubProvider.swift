import HTTPEndpoints
import IdentityProviders
import KeyMaterial
import Records
import Synchronization

/// An identity provider at `https://idp.test`, as seen by the browser and by the product, without tokens.
final class StubProvider: IdentityProvider {
    struct Issued {
        var person: String
        var nonce: String
        var challenge: String
    }

    struct State {
        /// Who is signed in at the provider in every browser of the test; nil shows a form.
        var signedIn: String?
        var codes: [String: Issued] = [:]
        var redemptions = 0
        var revocations = 0
        var failure: IdentityProviderError?
        var refreshes = 0
        /// What a refresh brings; nil refuses.
        var refreshed: Result<VerifiedPerson, IdentityProviderError>?
    }

    let id: String
    let name = "stub"
    private let state = Mutex(State())

    init(id: String = "stub-provider") {
        self.id = id
    }

    func with<Value>(_ body: (inout State) -> Value) -> Value {
        state.withLock { body(&$0) }
    }

    func authorizationURL(for attempt: AuthorizationAttempt) async throws -> String {
        if case .unreachable(let why)? = state.withLock({ $0.failure }) { throw IdentityProviderError.unreachable(why) }
        return "https://idp.test/authorize?"
            + FormParameters([
                "state": attempt.state, "nonce": attempt.nonce, "code_challenge": attempt.codeChallenge, "redirect_uri": attempt.redirectURI,
            ]).encoded
    }

    /// The browser's way back after the person signed in.
    func callback(_ url: String, as person: String) -> String {
        let query = FormParameters(url.split(separator: "?", maxSplits: 1).last.map(String.init) ?? "")
        let code = RandomToken.text()
        state.withLock {
            $0.codes[code] = Issued(person: person, nonce: query["nonce"] ?? "", challenge: query["code_challenge"] ?? "")
        }
        return "\(query["redirect_uri"] ?? "")?\(FormParameters(["code": code, "state": query["state"] ?? ""]).encoded)"
    }

    func redeem(code: String, for attempt: CodeRedemption) async throws -> VerifiedPerson {
        let (issued, failure) = state.withLock { state in
            state.redemptions += 1
            return (state.codes.removeValue(forKey: code), state.failure)
        }
        if let failure { throw failure }
        guard let issued else { throw IdentityProviderError.grantRefused(code: "invalid_grant", description: "") }
        guard issued.nonce == attempt.nonce else { throw IdentityProviderError.nonceMismatch }
        guard RandomToken.digest(attempt.codeVerifier) == issued.challenge else {
            throw IdentityProviderError.grantRefused(code: "invalid_grant", description: "verifier")
        }
        let email = "\(issued.person)@example.com"
        return VerifiedPerson(
            subject: "subject-\(issued.person)", email: email, name: issued.person,
            claims: ["email": [.string(email)], "groups": [.string("staff")]], tokens: ProviderTokens(idToken: "id-token", accessToken: "access"))
    }

    func refresh(_ tokens: ProviderTokens, subject: String) async throws -> VerifiedPerson {
        let answer = state.withLock { state in
            state.refreshes += 1
            return state.refreshed
        }
        guard let answer else { throw IdentityProviderError.grantRefused(code: "invalid_grant", description: "") }
        return try answer.get()
    }

    func revoke(_ tokens: ProviderTokens) async throws {
        state.withLock { $0.revocations += 1 }
    }

    func endSessionURL(idToken: String?, returnTo: String) async throws -> String? {
        "https://idp.test/logout?\(FormParameters(["id_token_hint": idToken ?? "", "post_logout_redirect_uri": returnTo]).encoded)"
    }
}
