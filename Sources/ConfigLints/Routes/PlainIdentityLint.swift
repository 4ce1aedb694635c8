import Diagnostics
import Routing

/// Identity headers over plain HTTP to somewhere else.
struct PlainIdentityLint: RouteLint {
    let rule = LintRule(
        code: "identity-over-plain-http", summary: "identity headers over `http` to an address outside",
        text: """
            With `pass_identity_headers` the application is told who is there, by headers that are worth as much as a password. Over `http` to an \
            address that is not private, whoever is between can read and replay them. Use `https`. A name that may be public is reported as a note.
            """,
        badRoute: "to: http://192.0.2.10:8000\npass_identity_headers: true\nallow_any_authenticated_user: true",
        goodRoute: "to: https://192.0.2.10:8443\npass_identity_headers: true\nallow_any_authenticated_user: true")

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        guard route.compiled.identity.passIdentityHeaders else { return }
        for target in route.definition.to where target.scheme == .http || target.scheme == .h2c {
            let reach = UpstreamReach(target.host)
            guard reach == .publicAddress || reach == .unknown else { continue }
            findings.add(
                "who is there is told to \(target.host) over \(target.scheme.rawValue), without encryption", at: route.valuePosition(of: "to"),
                help: "use https, or a name under .internal if it is in your own network", severity: reach == .unknown ? .note : .warning)
        }
    }
}
