import Authenticate
import Authorize
import BrokerStorage
import DataPlane
import Diagnostics
import Foundation
import HTTPEndpoints
import IdentityProviders
import KeyMaterial
import LocalReplies
import Logging
import NIOCore
import NIOPosix
import Observability
import Pages
import PolicyLanguage
import ProxyConfig
import Records
import Routing
import Sessions
import TLSCertificates
import VerifyApplication

/// The parts of a running process, put together from one configuration.
struct Installation: Sendable {
    let config: ConfigSnapshot
    let store: any StorageBackend
    let clock: WallClock
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    let health: HealthRegistry
    let sessions: SessionDirectory
    let authorizeSettings: AuthorizeSettings
    let holder: SnapshotHolder
    /// Nil with an identity provider of somebody else.
    let users: LocalUserDirectory?
    let certificates: ServerCertificates
    let refresher: SessionRefresher
    private let transport: AsyncHTTPClientTransport
    private let verify: VerifyApplication?

    static let requiredChecks = ["proxy.service", "storage.backend"]

    func makeAuthorizer(_ settings: AuthorizeSettings, _ sessions: SessionDirectory, _ log: LogBuffer) -> any RequestAuthorizer {
        PolicyAuthorizer(settings: settings, directory: sessions, log: log)
    }

    func close() async {
        try? await verify?.stop()
        try? await transport.shutdown()
        await store.close()
    }

    static func open(
        config: ConfigSnapshot, directory: DataDirectory, clock: WallClock, group: MultiThreadedEventLoopGroup, logger: Logger
    ) async throws -> Installation {
        let settings = config.settings
        let authority = config.authenticateURL.authority
        let health = HealthRegistry(required: requiredChecks)
        health.report("proxy.service", .starting)
        let secrets = try InstallationSecrets(settings: settings, directory: directory)
        let certificates = try ServerCertificates(config: config, directory: directory, clock: clock)
        let store = try await StorageCatalog.open(
            type: settings.databrokerStorageType.rawValue, dataDirectory: directory.path,
            connection: settings.databrokerStorageConnectionString, clock: clock)
        try await store.checkHealth()
        health.report("storage.backend", .running)

        let cookies = CookieSettings(settings)
        let branding = Branding.default
        let transport = try AsyncHTTPClientTransport(
            extraCertificateAuthorities: settings.certificateAuthority.map(\.pem) + certificates.localAuthorityPEM,
            loopbackHosts: ServerCertificates.hosts(of: config), logger: logger)
        let provider = try Provider.make(
            settings: settings, authority: authority, cookies: cookies, secrets: secrets, store: store, clock: clock, branding: branding,
            transport: transport)
        let renderer = LocalReplyRenderer(branding: branding)
        let authorizeSettings = AuthorizeSettings(
            authenticateAuthority: authority, cookies: cookies, providerID: provider.identity.id, signingKeys: secrets.signingKeys,
            keys: secrets.keys, renderer: renderer,
            logFields: settings.authorizeLogFields.compactMap { DecisionLogField(rawValue: $0) })

        let verify = try await startVerify(config, authority: authority, transport: transport, group: group)
        let router = EndpointRouter(
            try endpoints(
                config: config, authority: authority, provider: provider, secrets: secrets, store: store, clock: clock, cookies: cookies,
                authorize: authorizeSettings, logger: logger),
            authenticateHost: config.authenticateURL.host)
        let snapshot = try DataPlaneSnapshot(
            config: config, router: router, certificates: certificates, renderer: renderer,
            builtinTargets: verify.map { ["verify": .init(host: "127.0.0.1", port: $0.port)] } ?? [:], now: clock.seconds)
        return Installation(
            config: config, store: store, clock: clock, group: group, logger: logger, health: health,
            sessions: SessionDirectory(store: store, clock: clock), authorizeSettings: authorizeSettings, holder: SnapshotHolder(snapshot),
            users: provider.users, certificates: certificates,
            refresher: SessionRefresher(providers: [provider.identity], store: store, clock: clock, logger: logger), transport: transport,
            verify: verify)
    }

    private static func startVerify(
        _ config: ConfigSnapshot, authority: String, transport: any HTTPTransport, group: any EventLoopGroup
    ) async throws -> VerifyApplication? {
        let isWanted = config.routes.contains { route in
            guard case .upstream(let targets) = route.destination else { return false }
            return targets.contains { $0.scheme == .builtin && $0.host == "verify" }
        }
        guard isWanted else { return nil }
        let check = AssertionCheck(jwksURL: "https://\(authority)/.well-known/pomerium/jwks.json", transport: transport)
        return try await VerifyApplication.start(check: check, group: group)
    }

    /// The literal list of the product's own endpoints on the proxy listener.
    private static func endpoints(
        config: ConfigSnapshot, authority: String, provider: Provider, secrets: InstallationSecrets, store: any RecordStore, clock: WallClock,
        cookies: CookieSettings, authorize: AuthorizeSettings, logger: Logger
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
