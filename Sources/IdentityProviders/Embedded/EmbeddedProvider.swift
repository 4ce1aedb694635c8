public import HTTPEndpoints
public import KeyMaterial
public import Pages
public import Records
public import Sessions

/// The OpenID provider that comes with the product, for people kept in a ``LocalUserDirectory``: sign-in on day 0 without anybody else's service.
///
/// A provider in its own right under `https://AUTHENTICATE/.pomerium/idp`: what it needs between two requests is sealed in codes, tokens and
/// cookies, so it survives restarts and runs on any number of replicas. The product itself is a client of it like of any other provider.
public struct EmbeddedProvider: Sendable {
    /// Name in `idp_provider` and in logs.
    public static let name = "embedded"
    public static let path = "/.pomerium/idp"
    public static let ownClientID = "postern"

    let authority: String
    let cookies: CookieSettings
    let keys: KeyRing
    let store: any RecordStore
    let clock: WallClock
    let directory: LocalUserDirectory
    let throttle: SignInThrottle
    let clients: [EmbeddedClient]
    let branding: Branding
    let signingKey: SigningKey

    /// `authority` is that of the authenticate host, with its port where that is not 443. `postLogoutRedirectURIs` are places beside the
    /// product's own signed-out page that a sign-out may lead to. Throws only when no signing key can be derived.
    public init(
        authority: String, cookies: CookieSettings, keys: KeyRing, store: any RecordStore, clock: WallClock, directory: LocalUserDirectory,
        throttle: SignInThrottle, postLogoutRedirectURIs: [String] = [], branding: Branding = .default
    ) throws {
        self.authority = authority
        self.cookies = cookies
        self.keys = keys
        self.store = store
        self.clock = clock
        self.directory = directory
        self.throttle = throttle
        self.branding = branding
        signingKey = try SigningKey.derivedP256(from: keys.derivedBytes(.providerSigning))
        clients = [
            EmbeddedClient(
                id: Self.ownClientID, secret: Base64URL.encode(keys.derivedBytes(.embeddedClientSecret)),
                redirectURIs: ["https://\(authority)/oauth2/callback"],
                postLogoutRedirectURIs: ["https://\(authority)/.pomerium/signed_out"] + postLogoutRedirectURIs)
        ]
    }

    public var issuer: String { "https://\(authority)\(Self.path)" }

    /// Everything that must be served on the authenticate host.
    public var endpoints: [any ControlEndpoint] {
        [
            EmbeddedDiscoveryEndpoint(provider: self),
            EmbeddedKeysEndpoint(provider: self),
            EmbeddedAuthorizeEndpoint(provider: self),
            EmbeddedTokenEndpoint(provider: self),
            EmbeddedUserinfoEndpoint(provider: self),
            EmbeddedEndSessionEndpoint(provider: self),
        ]
    }

    /// The provider as the sign-in flow uses it: the ordinary OpenID client, asking the endpoints in this process.
    public func identityProvider() throws -> any IdentityProvider {
        let host = SignInLocation.host(ofAuthority: authority)
        return try OIDCProvider(
            profile: .embedded,
            settings: IdentityProviderSettings(
                provider: Self.name, url: issuer, clientID: Self.ownClientID,
                clientSecret: Base64URL.encode(keys.derivedBytes(.embeddedClientSecret)), scopes: ["openid", "profile", "email", "groups"]),
            transport: EndpointTransport(router: EndpointRouter(endpoints, authenticateHost: host)), clock: clock)
    }

    func client(_ id: String?) -> EmbeddedClient? {
        id.flatMap { id in clients.first { $0.id == id } }
    }

    /// Removes the cookie that spares further forms.
    public static func signOutCookie(_ cookies: CookieSettings) -> ResponseCookie {
        .removal(of: cookies.providerName)
    }
}

extension OIDCProfile {
    /// Removing a local user, or changing the password, ends their sessions at once; an access token's end means nothing.
    static let embedded = OIDCProfile(name: EmbeddedProvider.name, sessionEndsWithAccessToken: false)
}
