import Authenticate
import Authorize
import DataPlane
import Decisions
import Diagnostics
import HTTPEndpoints
import IdentityProviders
import KeyMaterial
import LocalReplies
import Logging
import NIOCore
import Observability
import Pages
import ProxyConfig
import Records
import Routing
import Sessions
import VerifyApplication

/// All that is made from one configuration, and that a reload replaces as a whole. What two configurations agree on is shared.
final class Generation: Sendable {
    let config: ConfigSnapshot
    let certificates: ServerCertificates
    let provider: Provider
    let refresher: SessionRefresher
    /// What requests see.
    let snapshot: DataPlaneSnapshot
    private let upstream: UpstreamContexts
    private let transport: Transport
    private let verify: Verify?

    private init(
        config: ConfigSnapshot, certificates: ServerCertificates, provider: Provider, refresher: SessionRefresher, snapshot: DataPlaneSnapshot,
        upstream: UpstreamContexts, transport: Transport, verify: Verify?
    ) {
        self.config = config
        self.certificates = certificates
        self.provider = provider
        self.refresher = refresher
        self.snapshot = snapshot
        self.upstream = upstream
        self.transport = transport
        self.verify = verify
    }

    /// The way to identity providers, with what it was made from.
    private struct Transport: Sendable {
        var client: AsyncHTTPClientTransport
        var authorities: [String]
        var hosts: [String]
    }

    private struct Verify: Sendable {
        var application: VerifyApplication
        var authority: String
    }

    /// Makes everything, or throws and leaves nothing behind. Nothing is in force yet.
    static func make(_ config: ConfigSnapshot, in parts: LastingParts, previous: Generation?) async throws -> Generation {
        let secrets = try InstallationSecrets(settings: config.settings, directory: parts.directory)
        let certificates = try ServerCertificates.make(
            config: config, directory: parts.directory, clock: parts.clock, previous: previous?.certificates)
        let upstream = try UpstreamContexts(config: config, previous: previous?.upstream, now: parts.clock.seconds)
        let transport = try transport(config, certificates, previous: previous?.transport, logger: parts.logger)
        let isNewTransport = transport.client !== previous?.transport.client
        do {
            return try await assemble(
                config, parts, secrets: secrets, certificates: certificates, upstream: upstream, transport: transport,
                previous: isNewTransport ? nil : previous)
        } catch {
            if isNewTransport { try? await transport.client.shutdown() }
            throw error
        }
    }

    /// `previous` only where its transport is shared.
    private static func assemble(
        _ config: ConfigSnapshot, _ parts: LastingParts, secrets: InstallationSecrets, certificates: ServerCertificates,
        upstream: UpstreamContexts, transport: Transport, previous: Generation?
    ) async throws -> Generation {
        let settings = config.settings
        let authority = config.authenticateURL.authority
        let cookies = CookieSettings(settings)
        let branding = Branding.default
        let provider = try Provider.make(
            settings: settings, authority: authority, cookies: cookies, secrets: secrets, parts: parts, branding: branding,
            transport: transport.client, previous: previous?.provider)
        let renderer = LocalReplyRenderer(branding: branding)
        let authorize = AuthorizeSettings(
            authenticateAuthority: authority, cookies: cookies, providerID: provider.identity.id, signingKeys: secrets.signingKeys,
            keys: secrets.keys, renderer: renderer,
            logFields: settings.authorizeLogFields.compactMap { DecisionLogField(rawValue: $0) }, decisions: recorder(config, parts))
        let router = EndpointRouter(
            try OwnEndpoints.all(
                config: config, authority: authority, provider: provider, secrets: secrets, store: parts.store, clock: parts.clock,
                cookies: cookies, authorize: authorize, archive: parts.archive, decisions: parts.decisions, logger: parts.logger),
            authenticateHost: config.authenticateURL.host)
        // Last, as it opens a port.
        let verify = try await startVerify(config, authority: authority, transport: transport.client, parts: parts, previous: previous?.verify)
        let sessions = parts.sessions
        let snapshot = DataPlaneSnapshot(
            config: config, router: router, certificates: certificates, upstream: upstream, renderer: renderer,
            builtinTargets: verify.map { ["verify": .init(host: "127.0.0.1", port: $0.application.port)] } ?? [:],
            makeAuthorizer: { PolicyAuthorizer(settings: authorize, directory: sessions, log: $0) })
        return Generation(
            config: config, certificates: certificates, provider: provider,
            refresher: SessionRefresher(providers: [provider.identity], store: parts.store, clock: parts.clock, logger: parts.logger),
            snapshot: snapshot, upstream: upstream, transport: transport, verify: verify)
    }

    private static func recorder(_ config: ConfigSnapshot, _ parts: LastingParts) -> DecisionRecorder {
        let isKept = parts.archive != nil && config.settings.decisionLogMaxRecords > 0
        return DecisionRecorder(
            queue: parts.decisions, keepsRefused: isKept, keepsAllowed: isKept && config.settings.decisionLogAllowed, configurationHash: config.hash,
            places: config.places)
    }

    private static func transport(
        _ config: ConfigSnapshot, _ certificates: ServerCertificates, previous: Transport?, logger: Logger
    ) throws -> Transport {
        let authorities = config.settings.certificateAuthority.map(\.pem) + certificates.localAuthorityPEM
        let hosts = certificates.hosts.filter(AsyncHTTPClientTransport.isLoopbackName)
        if let previous, previous.authorities == authorities, previous.hosts == hosts { return previous }
        return Transport(
            client: try AsyncHTTPClientTransport(extraCertificateAuthorities: authorities, loopbackHosts: hosts, logger: logger),
            authorities: authorities, hosts: hosts)
    }

    private static func startVerify(
        _ config: ConfigSnapshot, authority: String, transport: any HTTPTransport, parts: LastingParts, previous: Verify?
    ) async throws -> Verify? {
        let isWanted = config.routes.contains { route in
            guard case .upstream(let targets) = route.destination else { return false }
            return targets.contains { $0.scheme == .builtin && $0.host == "verify" }
        }
        guard isWanted else { return nil }
        if let previous, previous.authority == authority { return previous }
        let check = AssertionCheck(jwksURL: "https://\(authority)/.well-known/pomerium/jwks.json", transport: transport)
        return Verify(application: try await VerifyApplication.start(check: check, group: parts.group), authority: authority)
    }

    // MARK: Ends

    /// What only this generation uses.
    func closing(keeping other: Generation) -> [Retirement.Close] {
        var closes: [Retirement.Close] = []
        if let verify, verify.application !== other.verify?.application {
            closes.append { try? await verify.application.stop() }
        }
        if transport.client !== other.transport.client {
            let client = transport.client
            closes.append { try? await client.shutdown() }
        }
        return closes
    }

    /// It will not be put in force.
    func abandon(keeping other: Generation) async {
        for close in closing(keeping: other) { await close() }
    }

    func close() async {
        try? await verify?.application.stop()
        try? await transport.client.shutdown()
    }
}
