import Crypto
import Diagnostics
import Foundation
import Testing
import X509

@testable import TLSCertificates

@Suite struct LocalCATests {
    private let now = Int64(Date().timeIntervalSince1970)
    private let names = ["localhost", "*.localhost", "verify.localhost", "authenticate.localhost", "127.0.0.1", "::1", "app.example.com"]

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func makesTheAuthorityOnce() async throws {
        try await TemporaryDirectory.with { parent async throws in
            let directory = "\(parent)/data"
            let first = try LocalCA.loadOrCreate(directory: directory, now: now)
            let second = try LocalCA.loadOrCreate(directory: directory, now: now + 86_400)
            #expect(first.fingerprint == second.fingerprint && first.certificatePEM == second.certificatePEM)
            #expect(try mode(directory) == 0o700)
            #expect(try mode("\(directory)/local-ca.pem") == 0o600)
            #expect(try mode("\(directory)/local-ca-key.pem") == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["local-ca-key.pem", "local-ca.pem"])
            #expect(first.commonName.wholeMatch(of: /Postern Local CA [0-9a-f]{8}/) != nil)
            #expect(try await !Tool.run("openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", "\(directory)/local-ca.pem").text.isEmpty)
        }
    }

    @Test func isWhatOpensslCallsAnAuthority() async throws {
        try await TemporaryDirectory.with { directory async throws in
            _ = try LocalCA.loadOrCreate(directory: directory, now: now)
            let text = try await Tool.run("openssl", "x509", "-noout", "-text", "-in", "\(directory)/local-ca.pem").text
            for part in [
                "Basic Constraints: critical", "CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "Name Constraints: critical", "DNS:localhost",
                "IP:127.0.0.0/255.0.0.0", "Subject Key Identifier", "ecdsa-with-SHA256",
            ] {
                #expect(text.contains(part), "\(part) is missing in\n\(text)")
            }
        }
    }

    @Test func issuesWhatOpensslTrusts() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let authority = try LocalCA.loadOrCreate(directory: directory, now: now)
            let leaf = try #require(try authority.serverCertificate(directory: directory, names: names, now: now))
            #expect(Set(leaf.hostNames) == ["localhost", "*.localhost", "verify.localhost", "authenticate.localhost"])
            #expect(try mode("\(directory)/certificates/local.pem") == 0o600)
            #expect(leaf.notAfter - leaf.notBefore == LocalCA.leafLifetime + CertificateTemplate.backdating)
            for name in ["verify.localhost", "localhost"] {
                let output = try await Tool.run(
                    "openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile", "\(directory)/local-ca.pem",
                    "\(directory)/certificates/local.pem")
                #expect(output.status == 0, "\(output.text)")
            }
            let address = try await Tool.run(
                "openssl", "verify", "-x509_strict", "-verify_ip", "::1", "-CAfile", "\(directory)/local-ca.pem",
                "\(directory)/certificates/local.pem")
            #expect(address.status == 0, "\(address.text)")
        }
    }

    @Test func cannotVouchForOtherSites() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let authority = try LocalCA.loadOrCreate(directory: directory, now: now)
            for name in ["www.example.com", "10.0.0.1"] {
                let leaf = try CertificateTemplate.server(
                    names: [SubjectName(name)], commonName: "x", key: P256.Signing.PrivateKey(), issuer: (authority.certificate, authority.key),
                    now: now,
                    end: now + 86_400)
                try PrivateFile.write(try leaf.pem(), to: "\(directory)/forged.pem")
                let output = try await Tool.run("openssl", "verify", "-CAfile", "\(directory)/local-ca.pem", "\(directory)/forged.pem")
                #expect(output.status != 0 && output.text.contains("permitted subtree violation"), "\(output.text)")
            }
        }
    }

    @Test(arguments: [
        ("localhost", true), ("a.localhost", true), ("A.B.LocalHost.", true), ("*.localhost", true), ("127.0.0.1", true), ("127.9.9.9", true),
        ("::1", true),
        ("[::1]", true), ("example.com", false), ("xlocalhost", false), ("localhost.example.com", false), ("10.0.0.1", false), ("::2", false),
        ("", false),
        ("*", false), ("a b.localhost", false),
    ])
    func permitsLocalNamesOnly(name: String, permitted: Bool) async throws {
        try await TemporaryDirectory.with { directory async throws in
            #expect(try LocalCA.loadOrCreate(directory: directory, now: now).permits(name) == permitted)
        }
    }

    @Test func keepsTheCertificateUntilAThirdOfItsTimeIsLeft() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let authority = try LocalCA.loadOrCreate(directory: directory, now: now)
            func issued(_ days: Int64) throws -> KeyedCertificate {
                try #require(try authority.serverCertificate(directory: directory, names: names, now: now + days * 86_400))
            }
            let first = try issued(0)
            #expect(try issued(59).privateKey == first.privateKey)
            let second = try issued(61)
            #expect(second.privateKey != first.privateKey && second.notAfter > first.notAfter)
            #expect(try issued(62).privateKey == second.privateKey)
            #expect(try issued(-10).privateKey != second.privateKey)
        }
    }

    @Test func makesAnotherForOtherNamesAndAfterDamage() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let authority = try LocalCA.loadOrCreate(directory: directory, now: now)
            let first = try authority.serverCertificate(directory: directory, names: ["a.localhost", "b.localhost"], now: now)
            #expect(
                try authority.serverCertificate(directory: directory, names: ["B.localhost", "a.localhost"], now: now)?.privateKey
                    == first?.privateKey)
            let second = try authority.serverCertificate(directory: directory, names: ["a.localhost"], now: now)
            #expect(second?.hostNames == ["a.localhost"])
            try PrivateFile.write("damaged", to: "\(directory)/certificates/local.pem")
            #expect(try authority.serverCertificate(directory: directory, names: ["a.localhost"], now: now)?.hostNames == ["a.localhost"])
            #expect(try authority.serverCertificate(directory: directory, names: ["example.com"], now: now) == nil)
        }
    }

    @Test func replacesACertificateOfAnotherAuthority() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let first = try LocalCA.loadOrCreate(directory: directory, now: now).serverCertificate(directory: directory, names: names, now: now)
            for name in ["local-ca.pem", "local-ca-key.pem"] { try FileManager.default.removeItem(atPath: "\(directory)/\(name)") }
            let second = try LocalCA.loadOrCreate(directory: directory, now: now).serverCertificate(directory: directory, names: names, now: now)
            #expect(first?.privateKey != second?.privateKey)
        }
    }

    @Test func replacesAnAuthorityThatHasExpired() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let first = try LocalCA.loadOrCreate(directory: directory, now: now)
            let later = now + LocalCA.lifetime
            let nearTheEnd = try first.serverCertificate(directory: directory, names: names, now: later - 86_400)
            #expect(nearTheEnd?.notAfter == later)
            #expect(try LocalCA.loadOrCreate(directory: directory, now: later).fingerprint != first.fingerprint)
        }
    }

    @Test(arguments: ["local-ca.pem", "local-ca-key.pem"])
    func refusesHalfAnAuthority(missing: String) async throws {
        try await TemporaryDirectory.with { directory async throws in
            _ = try LocalCA.loadOrCreate(directory: directory, now: now)
            try FileManager.default.removeItem(atPath: "\(directory)/\(missing)")
            let error = #expect(throws: DiagnosticError.self) { try LocalCA.loadOrCreate(directory: directory, now: now) }
            #expect(error?.report.diagnostics.first?.message.contains("\(directory)/\(missing) is missing") == true)
        }
    }

    @Test func refusesAKeyOfAnotherAuthority() async throws {
        try await TemporaryDirectory.with { directory async throws in
            _ = try LocalCA.loadOrCreate(directory: directory, now: now)
            try PrivateFile.write(P256.Signing.PrivateKey().pemRepresentation, to: "\(directory)/local-ca-key.pem")
            let error = #expect(throws: DiagnosticError.self) { try LocalCA.loadOrCreate(directory: directory, now: now) }
            #expect(error?.report.diagnostics.first?.code == "local-ca-unusable")
        }
    }

    @Test func tellsADirectoryThatCannotBeUsed() throws {
        let error = #expect(throws: DiagnosticError.self) { try LocalCA.loadOrCreate(directory: "/dev/null/x", now: now) }
        #expect(error?.report.diagnostics.first?.message.contains("/dev/null/x") == true)
    }
}
