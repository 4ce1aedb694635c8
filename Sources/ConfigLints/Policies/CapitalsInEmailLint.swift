import Diagnostics
import PolicyLanguage
import ProxyConfig
import Routing

/// E-mail addresses are compared byte by byte.
struct CapitalsInEmailLint: ConfigLint {
    let rule = LintRule(
        code: "capitals-in-email", summary: "an e-mail address with capitals",
        text: """
            `email` compares letter by letter, capitals included. The embedded identity provider keeps addresses in small letters, and nearly all \
            others do, so an address with capitals lets nobody in. `domain` compares without regard to capitals.
            """,
        badAllow: "or:\n  - email:\n      is: Ann@example.com", goodAllow: "or:\n  - email:\n      is: ann@example.com")

    func check(_ subject: LintSubject, _ findings: inout LintFindings) {
        for route in subject.routes {
            for criterion in route.definition.policy?.rules.flatMap(\.conditionals).flatMap(\.criteria) ?? [] where criterion.name == "email" {
                var values = criterion.wantedTexts
                values += criterion.data.mapping?.filter { $0.key == "ends_with" || $0.key == "starts_with" }.map(\.value) ?? []
                for value in values { look(at: value, "email", subject, &findings) }
            }
            let listed = route.entries["allowed_users"]?.value
            for value in listed?.sequence ?? [listed].compactMap(\.self) where value.text?.contains("@") == true {
                look(at: value, "allowed_users", subject, &findings)
            }
        }
    }

    private func look(at value: PositionedValue, _ key: String, _ subject: LintSubject, _ findings: inout LintFindings) {
        guard let text = value.string, text.utf8.contains(where: { (0x41...0x5A).contains($0) }) else { return }
        let isEmbedded = subject.settings.idpProvider == "embedded"
        let small = text.lowercased()
        findings.add(
            isEmbedded
                ? "\(key) never matches \"\(text)\": addresses are in small letters here"
                : "\(key) matches \"\(text)\" only if the identity provider writes these capitals",
            at: value.position, help: "write \(small)",
            fix: subject.text?.replacing(value, with: small).map { LintFix("write it in small letters", [$0]) },
            severity: isEmbedded ? .warning : .note)
    }
}
