import Diagnostics
import Routing

/// `tls_skip_verify` towards another machine.
struct SkipVerifyLint: RouteLint {
    let rule = LintRule(
        code: "tls-skip-verify", summary: "`tls_skip_verify` towards another machine",
        text: """
            Whoever can stand between the proxy and the application can read and change everything, the identity of the visitor included. Give the \
            application's authority with `tls_custom_ca_file`, and where it has another name, that name with `tls_upstream_server_name`. Towards \
            this machine itself it is not reported.
            """,
        badRoute: "to: https://app.internal:8443\ntls_skip_verify: true\nallow_any_authenticated_user: true",
        goodRoute: "to: https://app.internal:8443\ntls_upstream_server_name: app.example.com\nallow_any_authenticated_user: true")

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        guard route.definition.upstreamTLS.skipVerify else { return }
        let remote = route.definition.to.filter { $0.usesTLS && !$0.isSocketFile && !UpstreamReach($0.host).isThisMachine }
        guard let target = remote.first else { return }
        findings.add(
            "the certificate of \(target.host) is not verified", at: route.position(of: "tls_skip_verify"),
            help: "give its authority with tls_custom_ca_file, or its name with tls_upstream_server_name")
    }
}
