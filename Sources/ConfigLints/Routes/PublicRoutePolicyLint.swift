import Diagnostics
import PolicyLanguage
import Routing

/// `allow_public_unauthenticated_access` beside a policy that allows.
struct PublicRoutePolicyLint: RouteLint {
    let rule = LintRule(
        code: "public-route-with-policy", summary: "a public route with a policy that allows",
        text: """
            `allow_public_unauthenticated_access: true` lets in everybody without signing in. `allow` rules of the route's policy have no effect \
            then; only `deny` rules have. Remove the option if the policy is meant, or else the `allow` rules.
            """,
        badRoute:
            "to: http://127.0.0.1:3000\nallow_public_unauthenticated_access: true\npolicy:\n  - allow:\n      and:\n        - domain:\n            is: example.com",
        goodRoute: "to: http://127.0.0.1:3000\npolicy:\n  - allow:\n      and:\n        - domain:\n            is: example.com")

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        guard route.definition.allowPublicUnauthenticatedAccess, route.definition.policy?.hasAllowRule == true else { return }
        findings.add(
            "the route is public, so the allow rules of its policy have no effect", at: route.position(of: "allow_public_unauthenticated_access"),
            help: "remove the option, or the allow rules",
            fix: route.removal(of: "allow_public_unauthenticated_access", in: subject))
    }
}

extension PolicyDocument {
    /// Whether a rule allows anything.
    var hasAllowRule: Bool { rules.contains { $0.action == .allow && $0.conditionals.contains { !$0.criteria.isEmpty } } }
}

extension LintedRoute {
    /// Taking away the line of a key.
    func removal(of key: String, in subject: LintSubject) -> LintFix? {
        entries[key].flatMap { entry in subject.text?.removingLine(of: entry) }.map { LintFix("remove \(key)", [$0]) }
    }
}
