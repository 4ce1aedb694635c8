import Diagnostics
import Foundation
import Routing
import Testing

@testable import ProxyConfig

@Suite struct ConfigLoaderTests {
    private func codes(_ body: () throws -> ConfigSnapshot) -> [String] {
        do {
            _ = try body()
            return []
        } catch let error as DiagnosticError {
            return error.report.diagnostics.map(\.code)
        } catch {
            return ["other"]
        }
    }

    @Test func needsNoFile() throws {
        let snapshot = try ConfigLoader(environment: ["ADDRESS": ":8443"]).load(nil)
        #expect(snapshot.settings.address.port == 8443)
        #expect(snapshot.routes.isEmpty)
        #expect(snapshot.referencedFiles.isEmpty)
    }

    @Test(arguments: ["config.toml", "config.env", "config", "config.txt", ".yaml.d/config"])
    func refusesOtherFormats(path: String) {
        #expect(codes { try ConfigLoader(environment: [:]).load(path) } == ["unsupported-format"])
    }

    @Test func saysWhichFileIsMissing() {
        let error = #expect(throws: DiagnosticError.self) { try ConfigLoader(environment: [:]).load("/nonexistent/config.yaml") }
        #expect(
            error?.report.rendered()
                == "/nonexistent/config.yaml: error: failed to read config: open /nonexistent/config.yaml: no such file or directory [unreadable-file]\n1 error\n"
        )
    }

    @Test func readsJSON() throws {
        let loader = ConfigLoader(environment: [:], readFile: { _ in "{\"address\": \":9443\", \"routes\": []}" })
        #expect(try loader.load("config.json").settings.address.port == 9443)
    }

    @Test func readsRealFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "config.yaml")
        try "address: :9443\n".write(to: file, atomically: true, encoding: .utf8)
        #expect(try ConfigLoader(environment: [:]).load(file.path).settings.address.port == 9443)
        try Data([0x61, 0x3A, 0xFF]).write(to: file)
        #expect(codes { try ConfigLoader(environment: [:]).load(file.path) } == ["unreadable-file"])
        try FileManager.default.createDirectory(at: folder.appending(path: "d.yaml"), withIntermediateDirectories: true)
        #expect(codes { try ConfigLoader(environment: [:]).load(folder.appending(path: "d.yaml").path) } == ["unreadable-file"])
    }

    @Test func takesUnknownKeysAsWarningsOnRequest() throws {
        let text = "{adress: x, routes: [{from: \"https://a.localhost\", to: \"http://a\", allow_any_authenticated_user: true, nonsense: 1}]}"
        #expect(codes { try SampleConfig.loader(text).load("config.yaml") } == ["unknown-key", "unknown-key"])
        let report = try SampleConfig.loader(text, allowUnknownKeys: true).load("config.yaml").report
        #expect(report.diagnostics.map(\.severity) == [.warning, .warning])
    }

    @Test func namesEveryFileItRead() throws {
        let pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
        let text = SampleConfig.route(
            "to: https://a\nallow_any_authenticated_user: true\ntls_custom_ca_file: ca.pem", global: "certificate_authority_file: root.pem")
        let snapshot = try SampleConfig.load(text, files: ["ca.pem": pem, "root.pem": pem])
        #expect(snapshot.referencedFiles == ["config.yaml", "root.pem", "ca.pem"])
        #expect(snapshot.loadedAt == 1_700_000_000_000_000_000)
    }

    @Test func hashesFileEnvironmentAndReferencedFiles() throws {
        let text = "idp_provider: google\nidp_client_id: a\nidp_client_secret_file: s\n"
        let base = try SampleConfig.load(text, files: ["s": "1"]).hash
        #expect(try SampleConfig.load(text, environment: ["UNRELATED": "1"], files: ["s": "1"]).hash == base)
        #expect(try SampleConfig.load(text, files: ["s": "2"]).hash != base)
        #expect(try SampleConfig.load(text + "\n", files: ["s": "1"]).hash != base)
        #expect(try SampleConfig.load(text, environment: ["ADDRESS": ":1"], files: ["s": "1"]).hash != base)
    }

    @Test(arguments: [
        ("address: :8443", "https://authenticate.localhost:8443"), ("", "https://authenticate.localhost"),
        ("authenticate_service_url: https://auth.example.com/", "https://auth.example.com"),
    ])
    func findsWherePeopleSignIn(text: String, origin: String) throws {
        #expect(try SampleConfig.load(text).authenticateURL.origin == origin)
    }

    @Test func sharesOneReadOfAFileAmongRoutes() throws {
        let routes = (0..<50).map {
            "  - {from: \"https://a\($0).localhost\", to: \"https://a\", allow_any_authenticated_user: true, tls_custom_ca_file: ca.pem}"
        }
        let snapshot = try SampleConfig.load(
            "routes:\n" + routes.joined(separator: "\n"), files: ["ca.pem": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"])
        #expect(snapshot.referencedFiles == ["config.yaml", "ca.pem"])
    }
}
