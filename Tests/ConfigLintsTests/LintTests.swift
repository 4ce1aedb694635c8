import Diagnostics
import Testing

@testable import ConfigLints

/// What is no fault, and what the reports are made of.
@Suite struct LintTests {
    @Test(arguments: [
        "or:\n  - email: {in: [ann@example.com, bob@example.com]}\n  - groups: {has: [a, b]}",
        "and:\n  - email: {ends_with: \"@example.com\", not_in: [bob@example.com]}\n  - http_method: {in: [GET, HEAD]}\n  - http_path: {starts_with: /a, contains: b}",
        "and:\n  - claim/team: {has: [Blue, Red]}\n  - claim/team: {exclude: Green}",
        "or:\n  - accept: true", "and:\n  - user: Ann\n  - domain: EXAMPLE.com", "and:\n  - date: {after: 2020-01-01}\n  - authenticated_user: true",
        "or:\n  - source_ip: [10.0.0.0/8, 192.0.2.1]\n  - cors_preflight: true", "and:\n  - http_method: PROPFIND\n  - authenticated_user: true",
        "and:\n  - day_of_week: mon-fri\n  - authenticated_user: true", "and:\n  - email: {not: ann@example.com}\n  - domain: {is: example.com}",
        "or:\n  - email: a@b.c\n  - user: a@b.c",
    ])
    func saysNothingOfAGoodPolicy(conditionals: String) {
        #expect(LintFixture.allow(conditionals).isEmpty)
    }

    @Test(arguments: [
        "to: http://127.0.0.1:3000\npass_identity_headers: true\nallow_any_authenticated_user: true",
        "to: http://app\npass_identity_headers: true\nallow_any_authenticated_user: true",
        "to: https://app.internal\ntls_custom_ca_file: example.com.pem\nallow_any_authenticated_user: true",
        "to: http://127.0.0.1:3000\nallow_any_authenticated_user: true\nset_request_headers: {X-Token: \"$pomerium.access_token\", X-Cache-Key: 0123456789}",
        "redirect: {https_redirect: true}\nallow_public_unauthenticated_access: true",
        "to: http://127.0.0.1:3000\nallowed_users: [ann@example.com, abc-123]\nallowed_domains: [Example.com]",
    ])
    func saysNothingOfAGoodRoute(lines: String) {
        #expect(LintFixture.route(lines).isEmpty)
    }

    @Test func doesNotRepeatTheSecret() {
        let report = LintFixture.report(LintCatalog.standard.rules.first { $0.code == "secret-in-header" }?.bad ?? "")
        #expect(!report.findings.isEmpty && !report.text.contains("8f14e45fceea167a"))
    }

    @Test func strictMakesWarningsErrorsAndLeavesNotes() {
        let text = "idp_provider: google\nidp_client_id: a\nidp_client_secret: b\n" + LintRule.routes
        let route = "  - {from: \"https://a.example.com\", to: \"http://b\", policy: {allow: {or: [{email: Ann@example.com}, {email: ann}]}}}\n"
        let plain = LintFixture.report(text + route)
        #expect([plain.count(.note), plain.count(.warning), plain.count(.error)] == [1, 1, 0])
        let strict = LintFixture.report(text + route, strict: true)
        #expect([strict.count(.note), strict.count(.warning), strict.count(.error)] == [1, 0, 1])
        let allowed = LintFixture.report(text + route, allowed: ["never-matches"], strict: true)
        #expect(!allowed.hasErrors && allowed.findings.map(\.diagnostic.code) == ["capitals-in-email"])
    }

    @Test func anErrorCannotBeAllowed() {
        let report = LintFixture.report("addres: :1\n", allowed: ["unknown-key"])
        #expect(report.hasErrors && report.findings.map(\.diagnostic.code) == ["unknown-key"])
    }

    @Test func routesOfTheEnvironmentAreLookedAtToo() {
        let routes =
            "LSB7ZnJvbTogImh0dHBzOi8vYS5leGFtcGxlLmNvbSIsIHRvOiAiaHR0cHM6Ly9hLmV4YW1wbGUuY29tIiwgYWxsb3dlZF9kb21haW5zOiBbZXhhbXBsZS5jb21dfQo="
        let report = LintFixture.report("authenticate_service_url: https://authenticate.example.com\n", environment: ["ROUTES": routes])
        #expect(report.findings.map(\.diagnostic.code) == ["route-to-itself"], "\(report.text)")
        #expect(report.findings.first?.diagnostic.position?.file.hasPrefix("environment ") == true)
    }

    @Test func unusableCertificatesAreErrors() {
        let text = "certificate_file: example.com.pem\ncertificate_key_file: example.com.pem\n"
        #expect(LintFixture.report(text).hasErrors)
    }

    @Test(arguments: [
        ("/srv/repo/a/config.yaml", "a/config.yaml"), ("./config.yaml", "config.yaml"), ("../x.yaml", "../x.yaml"),
        ("/etc/a b.yaml", "file:///etc/a%20b.yaml"),
        ("ü.yaml", "%C3%BC.yaml"), ("/srv/repository/x", "file:///srv/repository/x"),
    ])
    func namesFilesRelativeToTheWorkingDirectory(file: String, uri: String) {
        #expect(CheckReport.uri(of: file, "/srv/repo") == uri)
    }
}
