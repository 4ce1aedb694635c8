import Diagnostics
import Foundation
import Testing

@testable import TLSCertificates

/// Against the openssl and curl programs.
@Suite struct ServerTLSTests {
    private let now = Int64(Date().timeIntervalSince1970)

    private func load(_ made: (certificate: String, key: String)) throws -> KeyedCertificate {
        var report = DiagnosticReport()
        return try KeyedCertificate(
            certificate: PEMSource(.base64(made.certificate), setting: "c"), key: PEMSource(.base64(made.key), setting: "k"), now: now,
            report: &report)
    }

    private func handshake(_ server: TinyServer, name: String?, _ extra: [String] = []) async throws -> String {
        try await Tool.run(
            ["openssl", "s_client", "-connect", "127.0.0.1:\(server.port)", "-alpn", "h2,http/1.1"]
                + (name.map { ["-servername", $0] } ?? ["-noservername"])
                + extra, input: "GET / HTTP/1.1\r\n\r\n"
        ).text
    }

    @Test func picksTheCertificateByServerName() async throws {
        let elliptic = try await Tool.certificate(names: ["ec.example"], extra: ["-subj", "/CN=elliptic"])
        let rsa = try await Tool.certificate(names: ["*.rsa.example"], key: ["-newkey", "rsa:2048"], extra: ["-subj", "/CN=factors"])
        let store = try CertificateStore([try load(elliptic), try load(rsa)], fallback: try SelfSignedFallback.make(now: now))
        let slot = ServerTLSSlot(try store.makeServerTLS(alpn: ["h2", "http/1.1"]))
        try await TinyServer.run(tls: slot) { server async throws in
            for version in ["-tls1_2", "-tls1_3"] {
                for (name, subject) in [
                    ("ec.example", "elliptic"), ("a.rsa.example", "factors"), ("A.RSA.EXAMPLE", "factors"), ("other", "elliptic"), (nil, "elliptic"),
                ] {
                    let text = try await handshake(server, name: name, [version])
                    #expect(text.contains("subject=CN = \(subject)"), "\(version) \(name ?? "none")\n\(text)")
                    #expect(text.contains("ALPN protocol: h2"))
                }
            }
        }
    }

    @Test func speaksModernTLSOnly() async throws {
        let slot = ServerTLSSlot(try CertificateStore([], fallback: try SelfSignedFallback.make(now: now)).makeServerTLS(alpn: ["http/1.1"]))
        try await TinyServer.run(tls: slot) { server async throws in
            #expect(try await handshake(server, name: "a", ["-tls1_3"]).contains("TLSv1.3, Cipher is TLS_"))
            #expect(try await handshake(server, name: "a", ["-tls1_2"]).contains("TLSv1.2, Cipher is ECDHE-ECDSA-"))
            #expect(try await handshake(server, name: "a", ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]).contains("Cipher is (NONE)"))
            #expect(try await handshake(server, name: "a", ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA"]).contains("Cipher is (NONE)"))
            #expect(try await handshake(server, name: "a", ["-tls1_2"]).contains("ALPN protocol: http/1.1"))
        }
    }

    @Test func servesANewSnapshotWithoutBindingAgain() async throws {
        func tls(_ name: String) throws -> ServerTLS {
            try CertificateStore([], fallback: try SelfSignedFallback.make(names: [name], now: now)).makeServerTLS(alpn: [])
        }
        let slot = ServerTLSSlot(try tls("before.example"))
        try await TinyServer.run(tls: slot) { server async throws in
            let arguments = ["-ext", "subjectAltName", "-noout"]
            func names() async throws -> String {
                try await Tool.run(["openssl", "x509"] + arguments, input: try await handshake(server, name: "x")).text
            }
            #expect(try await names().contains("before.example"))
            slot.replace(with: try tls("after.example"))
            #expect(try await names().contains("after.example"))
        }
    }

    @Test func satisfiesCurlWithTheLocalAuthority() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let authority = try LocalCA.loadOrCreate(directory: directory, now: now)
            let leaf = try #require(
                try authority.serverCertificate(directory: directory, names: ["localhost", "*.localhost", "verify.localhost", "127.0.0.1"], now: now))
            let slot = ServerTLSSlot(try CertificateStore([leaf], fallback: leaf).makeServerTLS(alpn: ["http/1.1"]))
            try await TinyServer.run(tls: slot) { server async throws in
                for (host, expected) in [("verify.localhost", "ok"), ("localhost", "ok"), ("127.0.0.1", "ok"), ("www.example.com", "SSL")] {
                    let output = try await Tool.run(
                        "curl", "-sS", "--http1.1", "--cacert", "\(directory)/local-ca.pem", "--connect-to", "::127.0.0.1:\(server.port)",
                        "https://\(host):\(server.port)/")
                    #expect(output.text.contains(expected), "\(host): \(output.text)")
                }
            }
        }
    }
}
