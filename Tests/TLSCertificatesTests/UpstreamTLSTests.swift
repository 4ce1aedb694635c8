import Diagnostics
import Foundation
import NIOSSL
import Testing

@testable import TLSCertificates

@Suite struct UpstreamTLSTests {
    private let now = Int64(Date().timeIntervalSince1970)

    private func pem(_ text: String, _ setting: String = "tls_custom_ca") -> PEMSource { PEMSource(.base64(text), setting: setting) }

    private func make(_ settings: UpstreamTLSSettings) throws -> UpstreamTLS {
        var report = DiagnosticReport()
        return try UpstreamTLS(settings, now: now, report: &report)
    }

    private func server(_ made: (certificate: String, key: String)) throws -> ServerTLSSlot {
        var report = DiagnosticReport()
        let keyed = try KeyedCertificate(certificate: pem(made.certificate), key: pem(made.key), now: now, report: &report)
        return ServerTLSSlot(try CertificateStore([keyed], fallback: keyed).makeServerTLS(alpn: ["http/1.1"]))
    }

    @Test func trustsACustomAuthorityAndChecksTheName() async throws {
        let made = try await Tool.certificate(names: ["app.internal"])
        let tls = try make(UpstreamTLSSettings(customAuthorities: pem(made.certificate)))
        try await TinyServer.run(tls: try server(made)) { server async throws in
            #expect(try await TinyClient.get(port: server.port, tls: tls, serverName: "app.internal").hasSuffix("ok"))
            #expect(try await TinyClient.get(port: server.port, tls: tls, serverName: "app.internal.").hasSuffix("ok"))
            for name in ["other.internal", "127.0.0.1", nil] {
                await #expect(throws: TLSFailure.nameMismatch) { try await TinyClient.get(port: server.port, tls: tls, serverName: name) }
            }
        }
    }

    @Test func checksTheAddressWhereTheUpstreamIsOne() async throws {
        let made = try await Tool.certificate(names: ["127.0.0.1"])
        let tls = try make(UpstreamTLSSettings(customAuthorities: pem(made.certificate)))
        try await TinyServer.run(tls: try server(made)) { server async throws in
            #expect(try await TinyClient.get(port: server.port, tls: tls, serverName: "127.0.0.1").hasSuffix("ok"))
        }
    }

    @Test func addsAuthoritiesToThoseOfTheSystem() async throws {
        let made = try await Tool.certificate(names: ["app.internal"])
        let added = try make(UpstreamTLSSettings(additionalAuthorities: [pem(made.certificate, "certificate_authority")]))
        let plain = try make(UpstreamTLSSettings())
        let skipping = try make(UpstreamTLSSettings(skipVerify: true))
        try await TinyServer.run(tls: try server(made)) { server async throws in
            #expect(try await TinyClient.get(port: server.port, tls: added, serverName: "app.internal").hasSuffix("ok"))
            await #expect(throws: TLSFailure.untrustedIssuer) {
                try await TinyClient.get(port: server.port, tls: plain, serverName: "app.internal", now: now)
            }
            #expect(try await TinyClient.get(port: server.port, tls: skipping, serverName: "wrong.name").hasSuffix("ok"))
        }
    }

    @Test func replacesEveryAuthorityByACustomOne() async throws {
        let (made, other) = (try await Tool.certificate(names: ["app.internal"]), try await Tool.certificate(names: ["x"]))
        let tls = try make(UpstreamTLSSettings(customAuthorities: pem(other.certificate), additionalAuthorities: [pem(made.certificate)]))
        try await TinyServer.run(tls: try server(made)) { server async throws in
            await #expect(throws: TLSFailure.untrustedIssuer) { try await TinyClient.get(port: server.port, tls: tls, serverName: "app.internal") }
        }
    }

    @Test func tellsAnExpiredCertificate() async throws {
        let fallback = try SelfSignedFallback.make(names: ["app.internal"], now: now - 800 * 86_400)
        let der = try #require(fallback.chain.first).toDERBytes()
        let tls = try make(UpstreamTLSSettings(customAuthorities: pem(PEMBlock.encode(label: "CERTIFICATE", der: der))))
        let slot = ServerTLSSlot(try CertificateStore([fallback], fallback: fallback).makeServerTLS(alpn: []))
        try await TinyServer.run(tls: slot) { server async throws in
            await #expect(throws: TLSFailure.expired) { try await TinyClient.get(port: server.port, tls: tls, serverName: "app.internal", now: now) }
        }
    }

    @Test func showsItsClientCertificate() async throws {
        let (made, client) = (try await Tool.certificate(names: ["app.internal"]), try await Tool.certificate(names: ["client"]))
        var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(made.certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(made.key.utf8), format: .pem)),
            trustRoots: .certificates(try NIOSSLCertificate.fromPEMBytes(Array(client.certificate.utf8))))
        for version in [TLSVersion.tlsv12, .tlsv13] {
            configuration.maximumTLSVersion = version
            let context = try NIOSSLContext(configuration: configuration)
            let without = try make(UpstreamTLSSettings(customAuthorities: pem(made.certificate)))
            let with = try make(
                UpstreamTLSSettings(
                    customAuthorities: pem(made.certificate),
                    clientCertificate: CertificateSource(certificate: pem(client.certificate), key: pem(client.key))))
            let wrong = try make(
                UpstreamTLSSettings(
                    customAuthorities: pem(made.certificate),
                    clientCertificate: CertificateSource(certificate: pem(made.certificate), key: pem(made.key))))
            try await TinyServer.run(context: context) { server async throws in
                #expect(try await TinyClient.get(port: server.port, tls: with, serverName: "app.internal").hasSuffix("ok"))
                await #expect(throws: TLSFailure.self) { try await TinyClient.get(port: server.port, tls: without, serverName: "app.internal") }
                await #expect(throws: TLSFailure.clientCertificateRequired) {
                    try await TinyClient.get(port: server.port, tls: wrong, serverName: "app.internal")
                }
            }
        }
    }

    @Test func tellsAnUpstreamWithoutTLS() async throws {
        let tls = try make(UpstreamTLSSettings(skipVerify: true))
        try await TinyServer.run(tls: nil) { server async throws in
            let failure = await #expect(throws: TLSFailure.self) { try await TinyClient.get(port: server.port, tls: tls, serverName: "app.internal") }
            #expect(failure?.explanation.contains("does not speak TLS") == true)
        }
    }

    @Test(arguments: ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "%%%", "", "bm90IHBlbQ=="])
    func tellsEveryUnusableAuthority(text: String) throws {
        let bad = PEMSource(.base64(text), setting: "tls_custom_ca", at: SourcePosition(file: "config.yaml", line: 9, column: 5))
        let client = CertificateSource(certificate: pem(text, "tls_client_cert"), key: pem(text, "tls_client_key"))
        let error = #expect(throws: DiagnosticError.self) { try make(UpstreamTLSSettings(customAuthorities: bad, clientCertificate: client)) }
        #expect(error?.report.diagnostics.count == 2)
        #expect(error?.report.diagnostics.first?.position?.line == 9)
        #expect(error?.report.diagnostics.first?.message.hasPrefix("tls_custom_ca ") == true)
    }

    @Test func sharesOneContextBetweenEqualSettings() async throws {
        let made = try await Tool.certificate(names: ["a"])
        let cache = UpstreamTLSCache()
        var report = DiagnosticReport()
        var first = UpstreamTLSSettings(customAuthorities: pem(made.certificate))
        let one = try cache.tls(for: first, now: now, report: &report)
        first.customAuthorities?.position = SourcePosition(file: "elsewhere", line: 5)
        #expect(try cache.tls(for: first, now: now, report: &report).context === one.context)
        first.skipVerify = true
        #expect(try cache.tls(for: first, now: now, report: &report).context !== one.context)
    }

    @Test(arguments: ["", String(repeating: "a", count: 256), "a\u{0}b"])
    func refusesNamesThatCannotBeSent(name: String) throws {
        let tls = try make(UpstreamTLSSettings(skipVerify: true))
        #expect(throws: (any Error).self) { try tls.makeHandler(serverName: name) }
    }
}

@Suite struct TLSFailureTests {
    private struct Unrelated: Error {}

    @Test func leavesOtherErrorsAlone() {
        #expect(TLSFailure.classify(Unrelated()) == nil)
        #expect(TLSFailure.classify(NIOSSLError.uncleanShutdown) == nil)
    }

    @Test(arguments: [
        (
            NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])),
            TLSFailure.handshake("the upstream closed the connection during the TLS handshake")
        ),
        (.handshakeFailed(.sslError([])), .handshake("the TLS handshake with the upstream failed")),
        (.handshakeFailed(.noError), .handshake("the TLS handshake with the upstream failed")),
        (.unableToValidateCertificate, .untrustedIssuer), (.noCertificateToValidate, .handshake("the upstream showed no certificate")),
    ])
    func namesTheCause(error: NIOSSLError, failure: TLSFailure) {
        #expect(TLSFailure.classify(error) == failure)
        #expect(TLSFailure.classify(failure) == failure)
    }

    @Test(arguments: [TLSFailure.untrustedIssuer, .nameMismatch, .expired, .clientCertificateRequired])
    func explainsItselfToPeople(failure: TLSFailure) {
        #expect(failure.explanation.hasPrefix("the upstream"))
        #expect(!failure.explanation.hasSuffix("."))
    }
}
