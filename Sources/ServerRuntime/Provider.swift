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
    /// What it was made from; nil for the embedded provider.
    private var settings: IdentityProviderSettings?

    static func make(
        settings: Settings, authority: String, cookies: CookieSettings, secrets: InstallationSecrets, parts: LastingParts, branding: Branding,
        transport: any HTTPTransport, previous: Provider?
    ) throws -> Provider {
        guard settings.idpProvider == EmbeddedProvider.name else {
            let named = IdentityProviderSettings(
                provider: settings.idpProvider, url: settings.idpProviderURL?.text, clientID: settings.idpClientID,
                clientSecret: settings.idpClientSecret, scopes: settings.idpScopes, requestParameters: settings.idpRequestParams)
            // It knows the provider's addresses and keys already.
            if let previous, previous.settings == named { return previous }
            do {
                return Provider(
                    identity: try IdentityProviderCatalog.make(named, transport: transport, clock: parts.clock), users: nil, endpoints: [],
                    settings: named)
            } catch {
                throw DiagnosticError(Diagnostic(code: "identity-provider", "\(error)", help: "see idp_provider, idp_provider_url, idp_client_id"))
            }
        }
        let embedded = try EmbeddedProvider(
            authority: authority, cookies: cookies, keys: secrets.keys, store: parts.store, clock: parts.clock, directory: parts.users,
            throttle: parts.throttle, postLogoutRedirectURIs: settings.signoutRedirectURL.map { [$0.text] } ?? [], branding: branding)
        return Provider(identity: try embedded.identityProvider(), users: parts.users, endpoints: embedded.endpoints)
    }
}
