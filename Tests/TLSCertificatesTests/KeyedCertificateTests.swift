import Diagnostics
import Foundation
import Testing

@testable import TLSCertificates

@Suite struct KeyedCertificateTests {
    /// A little later than the certificates that are made meanwhile.
    private let now = Int64(Date().timeIntervalSince1970) + 60
    private let position = SourcePosition(file: "config.yaml", line: 4, column: 7)

    private func load(_ certificate: String, _ key: String, now: Int64? = nil) throws -> (KeyedCertificate, DiagnosticReport) {
        var report = DiagnosticReport()
        let loaded = try KeyedCertificate(
            certificate: PEMSource(.base64(certificate), setting: "certificate", at: position),
            key: PEMSource(.base64(key), setting: "certificate_key"),
            now: now ?? self.now, report: &report)
        return (loaded, report)
    }

    private func problem(_ body: () throws -> Void) -> Diagnostic? {
        do {
            try body()
            return nil
        } catch let error as DiagnosticError {
            return error.report.diagnostics.first
        } catch {
            return nil
        }
    }

    @Test(arguments: [
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"], ["-newkey", "rsa:2048"], ["-newkey", "rsa:3072"],
    ])
    func loadsEveryKindOfKeyThatServesTLS(key: [String]) async throws {
        let made = try await Tool.certificate(names: ["a.example", "*.b.example", "10.0.0.1"], key: key)
        let (loaded, report) = try load(made.certificate, made.key)
        #expect(report.isEmpty)
        #expect(loaded.hostNames == ["a.example", "*.b.example"])
        #expect(loaded.names.contains(.address([10, 0, 0, 1])))
        #expect(loaded.notBefore <= now && loaded.notAfter > now + 29 * 86_400)
        let store = CertificateStore([loaded], fallback: loaded)
        _ = try store.makeServerTLS(alpn: ["http/1.1"])
    }

    @Test func readsBase64OfPEMAndKeysInOlderForms() async throws {
        let made = try await Tool.certificate(names: ["a.example"])
        let wrapped = Data(made.certificate.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
        _ = try load(wrapped, Data(made.key.utf8).base64EncodedString())
        let traditional = try await Tool.run("openssl", "ec", input: made.key).text
        let withParameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + traditional
        #expect(traditional.contains("BEGIN EC PRIVATE KEY"))
        _ = try load(made.certificate, withParameters)
        _ = try load(made.key + made.certificate, made.certificate + made.key)
        let rsa = try await Tool.certificate(names: ["a.example"], key: ["-newkey", "rsa:2048"])
        _ = try load(rsa.certificate, try await Tool.run("openssl", "rsa", "-traditional", input: rsa.key).text)
    }

    @Test func readsFiles() async throws {
        let made = try await Tool.certificate(names: ["a.example"])
        try await TemporaryDirectory.with { directory async throws in
            let (certificate, key) = ("\(directory)/c.pem", "\(directory)/k.pem")
            try Data(made.certificate.utf8).write(to: URL(filePath: certificate))
            try Data(made.key.utf8).write(to: URL(filePath: key))
            let source = CertificateSource(
                certificate: PEMSource(.file(certificate), setting: "certificate_file"), key: PEMSource(.file(key), setting: "certificate_key_file"))
            #expect(CertificateStore.load([source], now: now).certificates.count == 1)
            try FileManager.default.removeItem(atPath: key)
            let (certificates, report) = CertificateStore.load([source], now: now)
            #expect(certificates.isEmpty)
            #expect(report.diagnostics.first?.message == "certificate_key_file \(key) cannot be read: no such file or directory")
        }
    }

    @Test func refusesTheKeyOfAnotherCertificate() async throws {
        let (one, two) = (try await Tool.certificate(names: ["a.example"]), try await Tool.certificate(names: ["a.example"]))
        let found = problem { _ = try load(one.certificate, two.key) }
        #expect(found?.code == "certificate-key-mismatch")
        #expect(found?.message == "certificate_key is not the key of the certificate in certificate")
    }

    @Test func tellsSwappedTexts() async throws {
        let made = try await Tool.certificate(names: ["a.example"])
        let found = problem { _ = try load(made.key, made.certificate) }
        #expect(found?.code == "certificate-missing" && found?.position == position)
        #expect(found?.help?.contains("swapped") == true)
        #expect(problem { _ = try load(made.certificate, made.certificate) }?.code == "certificate-key-missing")
    }

    @Test func refusesEncryptedKeysAndOtherKinds() async throws {
        let made = try await Tool.certificate(names: ["a.example"])
        let encrypted = try await Tool.run("openssl", "pkcs8", "-topk8", "-passout", "pass:x", input: made.key).text
        #expect(problem { _ = try load(made.certificate, encrypted) }?.code == "certificate-key-encrypted")
        let traditional = try await Tool.run("openssl", "ec", "-aes128", "-passout", "pass:x", input: made.key).text
        #expect(problem { _ = try load(made.certificate, traditional) }?.code == "certificate-key-encrypted")
        let edwards = try await Tool.certificate(names: ["a.example"], key: ["-newkey", "ed25519"])
        #expect(problem { _ = try load(edwards.certificate, edwards.key) }?.code == "certificate-key-unsupported")
        let short = try await Tool.certificate(names: ["a.example"], key: ["-newkey", "rsa:1024"])
        #expect(problem { _ = try load(short.certificate, short.key) }?.help?.contains("2048 bits") == true)
    }

    @Test(arguments: [
        ("", "certificate-not-base64"), ("not base64!", "certificate-not-base64"), ("bm90IHBlbQ==", "certificate-not-pem"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", "certificate-not-pem"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate-invalid"),
    ])
    func tellsWhatIsWrongWithTheText(text: String, code: String) {
        let found = problem { _ = try load(text, text) }
        #expect(found?.code == code && found?.position == position && found?.severity == .error)
    }

    @Test func warnsOfTheWrongTimeAndServesAnyway() async throws {
        let made = try await Tool.certificate(names: ["a.example"], days: "10")
        let (_, later) = try load(made.certificate, made.key, now: now + 11 * 86_400)
        #expect(later.diagnostics.map(\.code) == ["certificate-expired"] && !later.hasErrors)
        #expect(later.diagnostics.first?.position == position)
        let (_, earlier) = try load(made.certificate, made.key, now: now - 86_400)
        #expect(earlier.diagnostics.map(\.code) == ["certificate-not-yet-valid"])
    }

    @Test func usesTheCommonNameWhereThereIsNothingElse() async throws {
        let made = try await Tool.certificate(names: [])
        #expect(try load(made.certificate, made.key).0.hostNames == ["test"])
    }

    @Test func readsNoFileWithoutEnd() throws {
        #expect(throws: (any Error).self) { try FileReader.disk.read("/dev/zero") }
        #expect(throws: (any Error).self) { try FileReader.disk.read("/") }
    }
}
