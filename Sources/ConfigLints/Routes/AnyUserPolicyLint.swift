import Diagnostics
import PolicyLanguage
import Routing

/// `allow_any_authenticated_user` beside a policy that allows fewer.
struct AnyUserPolicyLint: RouteLint {
    let rule = LintRule(
        code: "any-user-beside-policy", summary: "`allow_any_authenticated_user` beside a policy that allows",
        text: """
            The access options and the policy of a route are alternatives. Beside `allow_any_authenticated_user: true`, an `allow` rule for some \
            people has no effect, as everybody who signs in is let in. Beside `deny` rules alone the option is of use, and is not reported.
            """,
        badRoute:
            "to: http://127.0.0.1:3000\nallow_any_authenticated_user: true\npolicy:\n  - allow:\n      and:\n        - domain:\n            is: example.com",
        goodRoute: "to: http://127.0.0.1:3000\npolicy:\n  - allow:\n      and:\n        - domain:\n            is: example.com")

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        guard route.definition.allowAnyAuthenticatedUser, let policy = route.definition.policy else { return }
        let people: Set<String> = ["email", "domain", "user", "groups", "claim", "authenticated_user", "record", "device"]
        let allows = policy.rules.filter { $0.action == .allow }.flatMap(\.conditionals).filter { !$0.criteria.isEmpty }
        // A rule that may also let in people without sign-in still does something.
        guard !allows.isEmpty,
            allows.allSatisfy({ conditional in
                conditional.connective == .and
                    ? conditional.criteria.contains { people.contains($0.name) } : conditional.criteria.allSatisfy { people.contains($0.name) }
            })
        else { return }
        findings.add(
            "everybody who signs in is let in, so the allow rules of the policy have no effect",
            at: route.position(of: "allow_any_authenticated_user"),
            help: "remove allow_any_authenticated_user, or the allow rules", fix: route.removal(of: "allow_any_authenticated_user", in: subject))
    }
}
