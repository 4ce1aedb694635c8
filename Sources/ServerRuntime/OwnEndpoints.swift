import Authenticate
import Authorize
import BrokerStorage
import Decisions
import HTTPEndpoints
import IdentityProviders
import KeyMaterial
import Logging
import Pages
import ProxyConfig
import Records
import Routing
import Sessions

enum OwnEndpoints {
    /// The literal list of the product's own endpoints on the proxy listener.
    static func all(
        config: ConfigSnapshot, authority: String, provider: Provider, secrets: InstallationSecrets, store: any RecordStore, clock: WallClock,
        cookies: CookieSettings, authorize: AuthorizeSettings, archive: DecisionArchive?, decisions: DecisionQueue, logger: Logger
    ) throws -> [any ControlEndpoint] {
        let settings = config.settings
        let table = config.table
        let authenticateHost = config.authenticateURL.host
        let authenticate = AuthenticateSettings(
            authority: authority, cookies: cookies, providers: [provider.identity], defaultProviderID: provider.identity.id,
            embeddedProviderID: provider.users == nil ? nil : provider.identity.id, signOutRedirectURL: settings.signoutRedirectURL?.text,
            programmaticRedirectHosts: settings.programmaticRedirectDomainWhitelist,
            isKnownHost: { $0 == authenticateHost || table.knows(host: $0) })
        let resolver = SessionResolver(store: store, keys: secrets.keys, cookies: cookies, clock: clock)
        let identity = IdentityForwarding(
            passIdentityHeaders: true, issuerFormat: settings.jwtIssuerFormat,
            claimHeaders: settings.jwtClaimsHeaders.map { (header: $0.header, claim: $0.claim) })
        var endpoints: [any ControlEndpoint] = [
            PingEndpoint(path: "/ping"),
            PingEndpoint(path: "/healthz"),
            WellKnownEndpoint(path: "/.well-known/pomerium", authenticateAuthority: authority),
            WellKnownEndpoint(path: "/.well-known/pomerium/", authenticateAuthority: authority),
            try KeySetEndpoint(keys: secrets.signingKeys),
            SlashEndpoint(),
            UserInfoEndpoint(resolver: resolver, settings: authorize, onAuthenticateHost: true),
            UserInfoEndpoint(resolver: resolver, settings: authorize, onAuthenticateHost: false),
            UserClaimsEndpoint(resolver: resolver, settings: authorize, identity: identity),
        ]
        if settings.runtimeFlags.routesPortal {
            endpoints.append(RoutesPageEndpoint(resolver: resolver, settings: authorize, routes: config.routes, clock: clock))
            endpoints.append(RoutesAPIEndpoint(resolver: resolver, settings: authorize, routes: config.routes, clock: clock))
        }
        let gate = AdministratorGate(resolver: resolver, authorize: authorize, administrators: settings.administrators)
        endpoints += [
            DecisionEndpoint(gate: gate, archive: archive), DecisionsEndpoint(gate: gate, archive: archive, clock: clock),
            ShadowEndpoint(gate: gate, archive: archive, queue: decisions),
        ]
        endpoints += StaticAsset.all.map { AssetEndpoint($0) }
        endpoints += authenticateEndpoints(
            settings: authenticate, keys: secrets.keys, store: store, clock: clock, logger: logger)
        endpoints += provider.endpoints
        return endpoints
    }
}

extension CookieSettings {
    init(_ settings: Settings) {
        let sameSite: ResponseCookie.SameSite =
            switch settings.cookieSameSite {
            case .strict?: .strict
            case .none?: .none
            case .lax?, nil: .lax
            }
        self.init(
            baseName: settings.cookieName, domain: settings.cookieDomain, lifetime: settings.cookieExpire / 1_000_000_000,
            httpOnly: settings.cookieHTTPOnly, sameSite: sameSite)
    }
}
