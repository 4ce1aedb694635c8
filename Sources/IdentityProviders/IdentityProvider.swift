public import Records

/// A party that vouches for people: an OpenID provider, or something that can be made to look like one.
///
/// All calls may be made from many tasks at once. What goes wrong is an ``IdentityProviderError``.
public protocol IdentityProvider: Sendable {
    /// Stable over restarts and changes of everything but the provider, its address and the client: ``IdentityProviderSettings/providerID``.
    var id: String { get }
    /// Name in ``IdentityProviderCatalog``, for logs and pages.
    var name: String { get }
    /// True when the answer comes as a cross-site form post, which needs cookies with `SameSite=None`.
    var answersByFormPost: Bool { get }

    /// Where the browser goes to sign in.
    func authorizationURL(for attempt: AuthorizationAttempt) async throws -> String

    /// Turns the code that the browser brought back into a verified person.
    func redeem(code: String, for attempt: CodeRedemption) async throws -> VerifiedPerson

    /// Fetches claims and tokens anew. The result replaces what the session held; nothing is merged.
    ///
    /// Throws ``IdentityProviderError/grantRefused(code:description:)`` when the provider has ended the person's consent or account.
    func refresh(_ tokens: ProviderTokens, subject: String) async throws -> VerifiedPerson

    /// Tells the provider that the tokens are not needed any more.
    func revoke(_ tokens: ProviderTokens) async throws

    /// Where the browser goes to be signed out at the provider; nil when there is no such place.
    func endSessionURL(idToken: String?, returnTo: String) async throws -> String?
}

extension IdentityProvider {
    public var answersByFormPost: Bool { false }
}

/// What distinguishes one sign-in from all others on its way to the provider.
public struct AuthorizationAttempt: Sendable, Equatable {
    public var state: String
    public var nonce: String
    /// base64url of SHA-256 of the PKCE verifier (RFC 7636 section 4.2).
    public var codeChallenge: String
    public var redirectURI: String
    /// Asks the provider for its form even where it knows the browser already.
    public var promptsLogin: Bool

    public init(state: String, nonce: String, codeChallenge: String, redirectURI: String, promptsLogin: Bool = false) {
        self.state = state
        self.nonce = nonce
        self.codeChallenge = codeChallenge
        self.redirectURI = redirectURI
        self.promptsLogin = promptsLogin
    }
}

/// What must be true of the answer to an ``AuthorizationAttempt``.
public struct CodeRedemption: Sendable, Equatable {
    public var nonce: String
    public var codeVerifier: String
    public var redirectURI: String

    public init(nonce: String, codeVerifier: String, redirectURI: String) {
        self.nonce = nonce
        self.codeVerifier = codeVerifier
        self.redirectURI = redirectURI
    }
}

/// A person as the provider just described them.
public struct VerifiedPerson: Sendable, Equatable {
    /// Stable key of the person at this provider; never empty.
    public var subject: String
    /// Empty where the provider gave none.
    public var email: String
    public var name: String
    /// Flattened claims without those of the token itself (`iss`, `aud`, `exp`, …).
    public var claims: Claims
    public var tokens: ProviderTokens

    public init(subject: String, email: String, name: String, claims: Claims, tokens: ProviderTokens) {
        self.subject = subject
        self.email = email
        self.name = name
        self.claims = claims
        self.tokens = tokens
    }
}
