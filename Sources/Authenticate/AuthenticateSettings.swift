public import IdentityProviders
public import Pages
public import Sessions

/// What the operator decides about sign-in. A change means new endpoints; nothing is lost by that, as all state is sealed or stored.
public struct AuthenticateSettings: Sendable {
    /// Host of `authenticate_service_url`, with its port where that is not 443.
    public var authority: String
    public var cookies: CookieSettings
    /// By `IdentityProvider.id`.
    public var providers: [String: any IdentityProvider]
    /// The provider where a request names none that exists.
    public var defaultProviderID: String
    /// The embedded provider's id where there is one: its single sign-on cookie is removed on sign-out.
    public var embeddedProviderID: String?
    /// `signout_redirect_url`.
    public var signOutRedirectURL: String?
    /// `programmatic_redirect_domain_whitelist`.
    public var programmaticRedirectHosts: [String]
    /// Whether a host name (lower case, without port) belongs to a route, or is the authenticate host.
    public var isKnownHost: @Sendable (String) -> Bool
    /// The provider for programmatic sign-in on a route host; nil takes the default.
    public var providerIDForHost: @Sendable (String) -> String?
    public var branding: Branding

    public init(
        authority: String, cookies: CookieSettings = CookieSettings(), providers: [any IdentityProvider], defaultProviderID: String,
        embeddedProviderID: String? = nil, signOutRedirectURL: String? = nil, programmaticRedirectHosts: [String] = ["localhost"],
        isKnownHost: @escaping @Sendable (String) -> Bool,
        providerIDForHost: @escaping @Sendable (String) -> String? = { _ in nil }, branding: Branding = .default
    ) {
        self.authority = authority
        self.cookies = cookies
        self.providers = Dictionary(providers.map { ($0.id, $0) }) { first, _ in first }
        self.defaultProviderID = defaultProviderID
        self.embeddedProviderID = embeddedProviderID
        self.signOutRedirectURL = signOutRedirectURL
        self.programmaticRedirectHosts = programmaticRedirectHosts
        self.isKnownHost = isKnownHost
        self.providerIDForHost = providerIDForHost
        self.branding = branding
    }

    /// The fixed address that is registered at identity providers.
    public var callbackURL: String { "https://\(authority)/oauth2/callback" }
    var signedOutURL: String { "https://\(authority)/.pomerium/signed_out" }
    /// Where sign-in ends that has no other target.
    var homeURL: String { "https://\(authority)/.pomerium/" }
    var host: String { SignInLocation.host(ofAuthority: authority) }

    /// The provider of that id, or else the default one; nil only when the settings name none at all.
    func provider(_ id: String?) -> (any IdentityProvider)? {
        id.flatMap { providers[$0] } ?? providers[defaultProviderID]
    }
}
