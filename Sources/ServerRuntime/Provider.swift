import Diagnostics
import HTTPEndpoints
import IdentityProviders
import KeyMaterial
import Pages
import ProxyConfig
import Records
import Routing
import Sessions

/// The identity provider that the configuration names, with what it needs to be served.
struct Provider: Sendable {
    let identity: any IdentityProvider
    /// The embedded provider's people; nil with any other provider.
    let users: LocalUserDirectory?
    /// The embedded provider's own endpoints.
    let endpoints: [any ControlEndpoint]

    static func make(
        settings: Settings, authority: String, cookies: CookieSettings, secrets: InstallationSecrets, store: any RecordStore,
        clock: WallClock, branding: Branding, transport: any HTTPTransport
    ) throws -> Provider {
        guard settings.idpProvider == EmbeddedProvider.name else {
            let named = IdentityProviderSettings(
                provider: settings.idpProvider, url: settings.idpProviderURL?.text, clientID: settings.idpClientID,
                clientSecret: settings.idpClientSecret, scopes: settings.idpScopes, requestParameters: settings.idpRequestParams)
            do {
                return Provider(
                    identity: try IdentityProviderCatalog.make(named, transport: transport, clock: clock), users: nil, endpoints: [])
            } catch {
                throw DiagnosticError(Diagnostic(code: "identity-provider", "\(error)", help: "see idp_provider, idp_provider_url, idp_client_id"))
            }
        }
        let users = LocalUserDirectory(store: store, hasher: PasswordHasher(), clock: clock)
        let embedded = try EmbeddedProvider(
            authority: authority, cookies: cookies, keys: secrets.keys, store: store, clock: clock, directory: users,
            throttle: SignInThrottle(clock: clock), postLogoutRedirectURIs: settings.signoutRedirectURL.map { [$0.text] } ?? [],
            branding: branding)
        return Provider(identity: try embedded.identityProvider(), users: users, endpoints: embedded.endpoints)
    }
}
