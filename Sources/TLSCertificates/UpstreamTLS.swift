public import Diagnostics
public import NIOSSL
import Synchronization

/// How a route speaks TLS to its upstream, as configured.
public struct UpstreamTLSSettings: Sendable, Hashable {
    /// `tls_skip_verify`: neither chain nor name is checked.
    public var skipVerify: Bool
    /// `tls_custom_ca`: trusted instead of the system's authorities and of `additionalAuthorities`.
    public var customAuthorities: PEMSource?
    /// `certificate_authority`: trusted besides the system's.
    public var additionalAuthorities: [PEMSource]
    /// `tls_client_cert` and its key.
    public var clientCertificate: CertificateSource?
    /// ALPN in order of preference.
    public var applicationProtocols: [String]

    public init(
        skipVerify: Bool = false, customAuthorities: PEMSource? = nil, additionalAuthorities: [PEMSource] = [],
        clientCertificate: CertificateSource? = nil, applicationProtocols: [String] = ["http/1.1"]
    ) {
        self.skipVerify = skipVerify
        self.customAuthorities = customAuthorities
        self.additionalAuthorities = additionalAuthorities
        self.clientCertificate = clientCertificate
        self.applicationProtocols = applicationProtocols
    }
}

/// The client side of TLS for one set of ``UpstreamTLSSettings``. TLS 1.2 at least.
public struct UpstreamTLS: Sendable {
    /// Older suites than for browsers are allowed, as applications on an inner network are often old.
    static let cipherSuites =
        ServerTLS.cipherSuites
        + ":ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA"
        + ":AES128-GCM-SHA256:AES128-SHA:AES256-GCM-SHA384:AES256-SHA"

    public let context: NIOSSLContext

    /// Reads files and the system's authorities: not for an event loop. Equal settings should share one value; see ``UpstreamTLSCache``.
    ///
    /// Throws `DiagnosticError` with everything that is wrong; expiry of the client certificate is added to `report`. `now` is unix seconds.
    public init(_ settings: UpstreamTLSSettings, files: FileReader = .disk, now: Int64, report: inout DiagnosticReport) throws {
        var problems = DiagnosticReport()
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = Self.cipherSuites
        configuration.applicationProtocols = settings.applicationProtocols
        if settings.skipVerify { configuration.certificateVerification = .none }

        func collect(_ body: () throws -> Void) {
            do { try body() } catch let error as DiagnosticError { problems.merge(error.report) } catch {
                problems.error("tls-invalid", "the TLS settings of an upstream cannot be used", at: nil)
            }
        }
        if let custom = settings.customAuthorities {
            collect { configuration.trustRoots = .certificates(try Self.authorities(custom, files)) }
        } else {
            for source in settings.additionalAuthorities {
                collect { configuration.additionalTrustRoots.append(.certificates(try Self.authorities(source, files))) }
            }
        }
        if let client = settings.clientCertificate {
            collect {
                let keyed = try KeyedCertificate(certificate: client.certificate, key: client.key, files: files, now: now, report: &report)
                configuration.certificateChain = keyed.chain.map { .certificate($0) }
                configuration.privateKey = .privateKey(keyed.privateKey)
            }
        }
        if problems.hasErrors { throw DiagnosticError(problems) }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw DiagnosticError(
                Diagnostic(
                    code: "tls-no-system-authorities", "the system's certificate authorities cannot be loaded",
                    at: settings.customAuthorities?.position,
                    help: "install the package ca-certificates, or name the authorities with tls_custom_ca"))
        }
    }

    /// The handler for a new connection. `serverName` is the name that the certificate must be for and that is sent as SNI; for an IP
    /// literal the address that is dialled is checked, and no name is sent (RFC 6066 section 3).
    public func makeHandler(serverName: String?) throws -> NIOSSLClientHandler {
        guard let serverName, SubjectName.addressBytes(serverName) == nil else {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        return try NIOSSLClientHandler(context: context, serverHostname: serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName)
    }

    /// All certificates of the text; every one must be readable.
    static func authorities(_ source: PEMSource, _ files: FileReader) throws -> [NIOSSLCertificate] {
        let blocks = try source.blocks(files).filter { $0.label == PEMBlock.certificate }
        guard !blocks.isEmpty else { throw source.problem("certificate-missing", "holds no certificate") }
        return try blocks.enumerated().map { number, block in
            do {
                return try NIOSSLCertificate(bytes: block.der, format: .der)
            } catch {
                throw source.problem("certificate-invalid", "holds a certificate that cannot be read, number \(number + 1)")
            }
        }
    }
}

/// Shares one ``UpstreamTLS`` between all routes with equal settings: each one holds all authorities of the system, which is about a
/// megabyte. A new snapshot of the configuration has a new cache, which may inherit from the one before it where sources hold their PEM themselves.
public final class UpstreamTLSCache: Sendable {
    private let known = Mutex<[UpstreamTLSSettings: UpstreamTLS]>([:])

    private let inherited = Mutex<[UpstreamTLSSettings: UpstreamTLS]>([:])

    public init(inheriting previous: UpstreamTLSCache? = nil) {
        if let previous { inherited.withLock { $0 = previous.known.withLock { $0 } } }
    }

    /// Lets go of what was inherited and not asked for.
    public func forgetInherited() {
        inherited.withLock { $0 = [:] }
    }

    /// As ``UpstreamTLS/init(_:files:now:report:)``. Where the settings were written does not matter.
    public func tls(
        for settings: UpstreamTLSSettings, files: FileReader = .disk, now: Int64, report: inout DiagnosticReport
    ) throws -> UpstreamTLS {
        let key = settings.withoutPositions
        if let present = known.withLock({ $0[key] }) { return present }
        if let present = inherited.withLock({ $0[key] }) {
            known.withLock { $0[key] = present }
            return present
        }
        let made = try UpstreamTLS(settings, files: files, now: now, report: &report)
        known.withLock { $0[key] = made }
        return made
    }
}

extension UpstreamTLSSettings {
    fileprivate var withoutPositions: UpstreamTLSSettings {
        var copy = self
        copy.customAuthorities?.position = nil
        copy.additionalAuthorities = additionalAuthorities.map { PEMSource($0.form, setting: $0.setting) }
        copy.clientCertificate?.certificate.position = nil
        copy.clientCertificate?.key.position = nil
        return copy
    }
}
