import Diagnostics
import Routing
import Testing

@testable import RouteOptions

@Suite struct RouteOptionCatalogTests {
    @Test func namesEachKeyOnce() {
        let catalog = RouteOptionCatalog.standard
        let keys = catalog.keys + catalog.unsupported.map(\.key)
        #expect(Set(keys).count == keys.count)
    }

    @Test func describesEveryOption() {
        for option in RouteOptionCatalog.standard.options {
            #expect(option.key == option.key.lowercased())
            #expect(option.reference.text.hasSuffix("."), "\(option.key)")
            #expect(option.reference.example.hasPrefix("\(option.key): "), "\(option.key)")
            #expect(!option.reference.type.isEmpty && !option.reference.defaultValue.isEmpty, "\(option.key)")
        }
    }

    /// Each example is a line that the decoder takes, alone or with the keys it needs.
    @Test(arguments: RouteOptionCatalog.standard.options.map(\.reference.example))
    func takesItsOwnExamples(example: String) throws {
        let needs = [
            "regex_rewrite_substitution": "regex_rewrite_pattern: (a)",
            "host_path_regex_rewrite_substitution": "host_path_regex_rewrite_pattern: (a)",
            "tls_client_cert_file": "tls_client_key_file: /etc/postern/client-key.pem",
            "tls_client_key_file": "tls_client_cert_file: /etc/postern/client.pem",
        ]
        let key = String(example.prefix { $0 != ":" })
        // Elided base64 cannot be decoded.
        if example.contains("…") { return }
        let pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
        let files = [
            "/var/run/secrets/kubernetes.io/serviceaccount/token", "/etc/postern/client-key.pem", "/etc/postern/client.pem",
            "/etc/postern/internal-ca.pem",
        ]
        var yaml = "- \(example)\n"
        if let needed = needs[key] { yaml += "  \(needed)\n" }
        if key != "from" { yaml += "  from: https://app.example.com\n" }
        if !["to", "redirect", "response"].contains(key) { yaml += "  to: http://127.0.0.1\n" }
        let (_, diagnostics) = try SampleRoute.decodeWhole(
            yaml, files: Dictionary(uniqueKeysWithValues: files.map { ($0, $0.hasSuffix("token") ? "token" : pem) }))
        let errors = diagnostics.filter { $0.severity == .error && $0.code != "contradictory-access" }
        #expect(errors.isEmpty, "\(errors)")
    }
}
