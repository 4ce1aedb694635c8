import Diagnostics
import PolicyLanguage
import Routing

/// A credential of the application, written into the configuration.
struct SecretInHeaderLint: RouteLint {
    let rule = LintRule(
        code: "secret-in-header", summary: "`set_request_headers` with a credential in clear",
        text: """
            The header's name says that its value is a credential. It stands in clear in a file that often ends up in a repository, in back-ups and \
            in logs of other tools. Where the application can, let it trust the identity assertion instead (`$pomerium.jwt` in a value, or \
            `pass_identity_headers`); else keep the file out of the repository and allow this code.
            """,
        badRoute: "to: http://127.0.0.1:3000\nallow_any_authenticated_user: true\nset_request_headers:\n  X-Api-Key: 8f14e45fceea167a",
        goodRoute: "to: http://127.0.0.1:3000\nallow_any_authenticated_user: true\nset_request_headers:\n  Authorization: Bearer $pomerium.jwt")

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        for (name, template) in route.definition.setRequestHeaders {
            guard let value = template.constant, value.utf8.count >= 8, Self.isCredential(name.lowercased()) else { continue }
            let position = route.entries["set_request_headers"]?.value.mapping?.first { $0.key.lowercased() == name.lowercased() }?.keyPosition
            findings.add(
                "\(name) holds a credential in clear", at: position ?? route.position(of: "set_request_headers"),
                help: "whoever can read this file has it: keep it out of repositories, or use $pomerium.jwt")
        }
    }

    private static func isCredential(_ name: String) -> Bool {
        let words = name.split { $0 == "-" || $0 == "_" }
        if ["authorization", "proxy-authorization", "cookie"].contains(name) { return true }
        if words.contains(where: { ["token", "secret", "password", "passwd", "apikey", "credential", "credentials"].contains($0) }) { return true }
        return words.contains("key") && words.contains { ["api", "access", "auth", "private", "secret"].contains($0) }
    }
}
