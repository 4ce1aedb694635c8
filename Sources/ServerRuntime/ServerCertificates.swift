import Diagnostics
import NIOSSL
import ProxyConfig
import Records
import Routing
import Sessions
import TLSCertificates

/// The certificates of the proxy listener: the configured ones, or for names under `localhost` one of the local authority.
final class ServerCertificates: Sendable {
    /// In the data directory.
    static let authorityFile = "local-ca.pem"

    /// Whether the certificates come from the local authority.
    let isLocal: Bool
    /// PEM of the local authority, for clients inside this process.
    let localAuthorityPEM: [String]
    /// Host names that visitors use, the authenticate host first; without wildcards.
    let hosts: [String]
    private let slot: ServerTLSSlot
    private let configured: [ConfiguredCertificate]
    private let isPlain: Bool
    /// Issues the local certificate anew; nil where the operator's certificates serve.
    private let renewal: Renewal?

    private struct Renewal: Sendable {
        var authority: LocalCA
        var directory: String
        var names: [String]
    }

    /// What clients are offered, in our order of preference.
    private let applicationProtocols: [String]

    /// The names of a certificate that nobody trusts anyway; with thousands of them it would be too large for a handshake.
    private static let maximumFallbackNames = 64

    /// `previous` where it serves the configuration as well.
    static func make(
        config: ConfigSnapshot, directory: DataDirectory, clock: WallClock, previous: ServerCertificates?
    ) throws -> ServerCertificates {
        let hosts = hosts(of: config)
        if let previous, previous.hosts == hosts, previous.isPlain == config.settings.insecureServer,
            previous.configured.map(\.pair) == config.settings.certificates.map(\.pair)
        {
            return previous
        }
        return try ServerCertificates(config: config, hosts: hosts, directory: directory, clock: clock)
    }

    private init(config: ConfigSnapshot, hosts: [String], directory: DataDirectory, clock: WallClock) throws {
        self.hosts = hosts
        configured = config.settings.certificates
        isPlain = config.settings.insecureServer
        let now = clock.seconds
        let sources = config.settings.certificates.map { configured in
            CertificateSource(
                certificate: PEMSource(.base64(configured.certificate.pem), setting: "certificate", at: configured.certificate.position),
                key: PEMSource(.base64(configured.key.pem), setting: "certificate_key", at: configured.key.position))
        }
        var (certificates, report) = CertificateStore.load(sources, now: now)
        if report.hasErrors { throw DiagnosticError(report) }
        var renewal: Renewal?
        if certificates.isEmpty, !config.settings.insecureServer {
            let authority = try LocalCA.loadOrCreate(directory: directory.path, now: now)
            let names = ["localhost", "*.localhost"] + hosts
            if let local = try authority.serverCertificate(directory: directory.path, names: names, now: now) {
                certificates = [local]
                renewal = Renewal(authority: authority, directory: directory.path, names: names)
            }
        }
        let store = try CertificateStore(
            certificates, fallback: SelfSignedFallback.make(names: Array(hosts.prefix(Self.maximumFallbackNames)), now: now))
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

    private static func hosts(of config: ConfigSnapshot) -> [String] {
        let authenticateHost = config.authenticateURL.host
        return [authenticateHost] + config.table.hostNames.filter { $0 != authenticateHost }
    }
}

extension ConfiguredCertificate {
    /// Wherever it was written.
    fileprivate var pair: [String] { [certificate.pem, key.pem] }
}
