import DataPlane
import Diagnostics
import NIOSSL
import Pages
import ProxyConfig
import Records
import Routing
import TLSCertificates

/// The TLS contexts towards upstreams, one for all routes with equal settings; made before the first request, as reading the system's
/// authorities takes longer than an event loop may.
struct UpstreamContexts: Sendable {
    private struct Key: Hashable {
        var route: String
        var offersHTTP2: Bool
    }

    private let byRoute: [Key: NIOSSLContext]

    init(config: ConfigSnapshot, now: Int64) throws {
        let cache = UpstreamTLSCache()
        let additional = config.settings.certificateAuthority.map {
            PEMSource(.base64($0.pem), setting: "certificate_authority", at: $0.position)
        }
        var report = DiagnosticReport()
        var byRoute: [Key: NIOSSLContext] = [:]
        for route in config.routes {
            guard case .upstream(let targets) = route.destination, targets.contains(where: \.usesTLS) else { continue }
            let settings = route.definition.upstreamTLS
            func source(_ pem: String?, _ setting: String) -> PEMSource? {
                pem.map { PEMSource(.base64($0), setting: setting, at: route.definition.position) }
            }
            var client: CertificateSource?
            if let certificate = source(settings.clientCertificate, "tls_client_cert"), let key = source(settings.clientKey, "tls_client_key") {
                client = CertificateSource(certificate: certificate, key: key)
            }
            do {
                for offersHTTP2 in [false, true] {
                    byRoute[Key(route: route.id, offersHTTP2: offersHTTP2)] = try cache.tls(
                        for: TLSCertificates.UpstreamTLSSettings(
                            skipVerify: settings.skipVerify, customAuthorities: source(settings.customCA, "tls_custom_ca"),
                            additionalAuthorities: additional, clientCertificate: client,
                            applicationProtocols: offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]),
                        now: now, report: &report
                    ).context
                }
            } catch let error as DiagnosticError {
                report.merge(error.report)
            }
        }
        if report.hasErrors { throw DiagnosticError(report) }
        self.byRoute = byRoute
    }

    struct NoContext: Error {}

    func context(for route: CompiledRoute, offersHTTP2: Bool) throws -> NIOSSLContext {
        guard let context = byRoute[Key(route: route.id, offersHTTP2: offersHTTP2)] else { throw NoContext() }
        return context
    }

    @Sendable
    static func classify(_ error: any Error, peer: NIOSSLCertificate?) -> UpstreamTLSFailure {
        switch TLSFailure.classify(error, peer: peer, now: WallClock.system.seconds) {
        case .untrustedIssuer?: UpstreamTLSFailure(.certificateUntrusted, text: "CERTIFICATE_VERIFY_FAILED:untrusted_issuer")
        case .nameMismatch?: UpstreamTLSFailure(.certificateName, text: "CERTIFICATE_VERIFY_FAILED:SAN_matcher")
        case .expired?: UpstreamTLSFailure(.certificateExpired, text: "CERTIFICATE_VERIFY_FAILED:certificate_has_expired")
        case .clientCertificateRequired?: UpstreamTLSFailure(.handshake, text: "client_certificate_required")
        case .handshake(let text)?: UpstreamTLSFailure(.handshake, text: text.replacing(" ", with: "_"))
        case nil: UpstreamTLSFailure.classify(error, peer: peer)
        }
    }
}
