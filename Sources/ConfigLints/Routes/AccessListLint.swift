import Diagnostics
import PolicyLanguage

/// Values of `allowed_domains` and `allowed_users` that nobody has.
struct AccessListLint: RouteLint {
    let rule = LintRule(
        code: "unusable-access-list", summary: "an entry of `allowed_domains` or `allowed_users` that nobody has",
        text: """
            An entry of `allowed_domains` is a whole domain without `@`, one of `allowed_users` a whole e-mail address or user id. Blanks, a leading \
            `@` and `*` make an entry that nobody meets.
            """,
        badRoute: "to: http://127.0.0.1:3000\nallowed_domains:\n  - \"@example.com\"",
        goodRoute: "to: http://127.0.0.1:3000\nallowed_domains:\n  - example.com")

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        for key in ["allowed_domains", "allowed_users"] {
            guard let list = route.entries[key]?.value else { continue }
            for value in list.sequence ?? [list] {
                guard let text = value.string else { continue }
                // A user id may look like anything.
                let isAddress = text.contains("@") || text.hasPrefix(" ") || text.hasSuffix(" ") || text.hasPrefix("*")
                guard key == "allowed_domains" || isAddress,
                    let problem = NeverMatchesLint.problem(of: text, in: key == "allowed_domains" ? "domain" : "email")
                else { continue }
                let fix = problem.instead.flatMap { subject.text?.replacing(value, with: $0) }
                findings.add(
                    "\(key) never matches \"\(text)\": \(problem.reason)", at: value.position, help: problem.instead.map { "write \($0)" },
                    fix: fix.map { LintFix("write \(problem.instead ?? "")", [$0]) })
            }
        }
    }
}
