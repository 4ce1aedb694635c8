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
    private let byRoute: [String: Entry]
    private let cache: UpstreamTLSCache
    private let authorities: [String]

    private struct Entry: Sendable {
        var route: CompiledRoute
        /// Offers HTTP/1.1.
        var context: NIOSSLContext
        /// Offers HTTP/2 as well.
        var sharing: NIOSSLContext
    }

    /// Contexts of `previous` are taken over where the settings are equal: connections to applications are pooled by context, and outlive a reload.
    init(config: ConfigSnapshot, previous: UpstreamContexts?, now: Int64) throws {
        authorities = config.settings.certificateAuthority.map(\.pem)
        let known = previous?.authorities == authorities ? previous?.byRoute ?? [:] : [:]
        let cache = UpstreamTLSCache(inheriting: previous?.cache)
        self.cache = cache
        let additional = config.settings.certificateAuthority.map {
            PEMSource(.base64($0.pem), setting: "certificate_authority", at: $0.position)
        }
        var report = DiagnosticReport()
        var byRoute: [String: Entry] = [:]
        for route in config.routes {
            guard case .upstream(let targets) = route.destination, targets.contains(where: \.usesTLS) else { continue }
            if let entry = known[route.id], entry.route === route || entry.route.definition.upstreamTLS == route.definition.upstreamTLS {
                byRoute[route.id] = Entry(route: route, context: entry.context, sharing: entry.sharing)
                continue
            }
            do {
                func makeContext(_ protocols: [String]) throws -> NIOSSLContext {
                    try cache.tls(
                        for: Self.settings(of: route, at: config.places.position(of: route), additional, protocols), now: now, report: &report
                    ).context
                }
                byRoute[route.id] = Entry(route: route, context: try makeContext(["http/1.1"]), sharing: try makeContext(["h2", "http/1.1"]))
            } catch let error as DiagnosticError {
                report.merge(error.report)
            }
        }
        if report.hasErrors { throw DiagnosticError(report) }
        self.byRoute = byRoute
        cache.forgetInherited()
    }

    private static func settings(
        of route: CompiledRoute, at position: SourcePosition?, _ additional: [PEMSource], _ protocols: [String]
    ) -> TLSCertificates.UpstreamTLSSettings {
        let settings = route.definition.upstreamTLS
        func source(_ pem: String?, _ setting: String) -> PEMSource? {
            pem.map { PEMSource(.base64($0), setting: setting, at: position) }
        }
        var client: CertificateSource?
        if let certificate = source(settings.clientCertificate, "tls_client_cert"), let key = source(settings.clientKey, "tls_client_key") {
            client = CertificateSource(certificate: certificate, key: key)
        }
        return TLSCertificates.UpstreamTLSSettings(
            skipVerify: settings.skipVerify, customAuthorities: source(settings.customCA, "tls_custom_ca"), additionalAuthorities: additional,
            clientCertificate: client, applicationProtocols: protocols)
    }

    struct NoContext: Error {}

    func context(for route: CompiledRoute, offersHTTP2: Bool) throws -> NIOSSLContext {
        guard let entry = byRoute[route.id] else { throw NoContext() }
        return offersHTTP2 ? entry.sharing : entry.context
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
