import Diagnostics
import PolicyLanguage
import Routing

/// Options that cannot do anything on this route.
struct IdleOptionLint: RouteLint {
    let rule = LintRule(
        code: "option-without-effect", summary: "an option that has no effect on this route",
        text: """
            A `redirect` or `response` has no application, so options about the application do nothing. Options `tls_…` do nothing where no `to` \
            uses TLS. Remove them, or give the route what they are about.
            """,
        badRoute: "redirect:\n  https_redirect: true\npass_identity_headers: true\nallow_any_authenticated_user: true",
        goodRoute: "redirect:\n  https_redirect: true\nallow_any_authenticated_user: true")

    private static let aboutTheApplication = [
        "pass_identity_headers", "jwt_issuer_format", "set_request_headers", "remove_request_headers", "tls_skip_verify",
        "tls_server_name", "tls_upstream_server_name", "tls_custom_ca", "tls_custom_ca_file", "tls_client_cert", "tls_client_cert_file",
        "load_balancing_policy", "health_checks", "outlier_detection", "healthy_panic_threshold", "circuit_breaker_thresholds", "host_rewrite",
        "host_rewrite_header", "preserve_host_header", "allow_websockets", "allow_spdy", "allow_upgrades",
    ]
    private static let aboutTLS = aboutTheApplication.filter { $0.hasPrefix("tls_") }

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        guard !route.entries.isEmpty else { return }
        let definition = route.definition
        if definition.redirect != nil || definition.response != nil {
            let what = definition.redirect != nil ? "redirect" : "response"
            for key in Self.aboutTheApplication { report(key, "a route with \(what) has no application", route, subject, &findings) }
            return
        }
        if definition.to.allSatisfy({ !$0.usesTLS }) {
            for key in Self.aboutTLS { report(key, "no address in to uses TLS", route, subject, &findings) }
        }
    }

    private func report(
        _ key: String, _ reason: String, _ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings
    ) {
        guard let entry = route.entries[key], !entry.value.isSwitchedOff else { return }
        findings.add("\(key) has no effect: \(reason)", at: entry.keyPosition, help: "remove it", fix: route.removal(of: key, in: subject))
    }
}

extension PositionedValue {
    /// A value that asks for nothing.
    fileprivate var isSwitchedOff: Bool {
        switch kind {
        case .null: true
        case .bool(let value): !value
        case .string(let text): text.isEmpty || text == "false"
        case .sequence(let values): values.isEmpty
        case .mapping(let entries): entries.isEmpty
        case .int, .double: false
        }
    }
}
