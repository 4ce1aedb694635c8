import Diagnostics
import NIOSSL
import ProxyConfig
import Records
import Routing
import Sessions
import TLSCertificates

/// The certificates of the proxy listener: the configured ones, or for names under `localhost` one of the local authority.
struct ServerCertificates: Sendable {
    /// In the data directory.
    static let authorityFile = "local-ca.pem"

    /// Whether the certificates come from the local authority.
    let isLocal: Bool
    /// PEM of the local authority, for clients inside this process.
    let localAuthorityPEM: [String]
    private let slot: ServerTLSSlot
    /// Issues the local certificate anew; nil where the operator's certificates serve.
    private let renewal: Renewal?

    private struct Renewal: Sendable {
        var authority: LocalCA
        var directory: String
        var names: [String]
    }

    /// What clients are offered, in our order of preference.
    private let applicationProtocols: [String]

    init(config: ConfigSnapshot, directory: DataDirectory, clock: WallClock) throws {
        let now = clock.seconds
        let sources = config.settings.certificates.map { configured in
            CertificateSource(
                certificate: PEMSource(.base64(configured.certificate.pem), setting: "certificate", at: configured.certificate.position),
                key: PEMSource(.base64(configured.key.pem), setting: "certificate_key", at: configured.key.position))
        }
        var (certificates, report) = CertificateStore.load(sources, now: now)
        if report.hasErrors { throw DiagnosticError(report) }
        let hosts = Self.hosts(of: config)
        var renewal: Renewal?
        if certificates.isEmpty, !config.settings.insecureServer {
            let authority = try LocalCA.loadOrCreate(directory: directory.path, now: now)
            let names = ["localhost", "*.localhost"] + hosts
            if let local = try authority.serverCertificate(directory: directory.path, names: names, now: now) {
                certificates = [local]
                renewal = Renewal(authority: authority, directory: directory.path, names: names)
            }
        }
        let store = try CertificateStore(certificates, fallback: SelfSignedFallback.make(names: hosts, now: now))
        isLocal = renewal != nil
        localAuthorityPEM = renewal.map { [$0.authority.certificatePEM] } ?? []
        self.renewal = renewal
        let offers = config.settings.offersHTTP
        applicationProtocols = (offers.http2 ? ["h2"] : []) + (offers.http1 ? ["http/1.1"] : [])
        slot = ServerTLSSlot(try store.makeServerTLS(alpn: applicationProtocols))
    }

    /// The context for a new connection.
    var serverContext: @Sendable () -> NIOSSLContext {
        { [slot] in slot.current.context }
    }

    /// Replaces the local certificate when it is due; new connections get the new one. True when it was replaced.
    func renewIfDue(now: Int64) throws -> Bool {
        guard let renewal, let current = slot.current.store.certificates.first, renewal.authority.isDue(current, now: now),
            let fresh = try renewal.authority.serverCertificate(directory: renewal.directory, names: renewal.names, now: now)
        else { return false }
        let store = try CertificateStore([fresh], fallback: SelfSignedFallback.make(names: renewal.names, now: now))
        slot.replace(with: try store.makeServerTLS(alpn: applicationProtocols))
        return true
    }

    /// Host names that visitors use, the authenticate host first; without wildcards.
    static func hosts(of config: ConfigSnapshot) -> [String] {
        var hosts = [config.authenticateURL.host]
        for route in config.routes where !route.from.host.isWildcard && !hosts.contains(route.from.host.text) {
            hosts.append(route.from.host.text)
        }
        return hosts
    }
}
