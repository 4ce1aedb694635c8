import Diagnostics
import PolicyLanguage
import Routing

/// A policy without any way in: its deny rules have nothing to deny.
struct AllowsNobodyLint: PolicyLint {
    let rule = LintRule(
        code: "allows-nobody", summary: "a policy that lets in nobody",
        text: """
            Somebody is let in only where an `allow` rule or an access option says so. Here no `allow` rule has a criterion that can hold, or a \
            `deny` rule holds for everybody, so everybody gets a 403, and other `deny` rules have nothing to deny. An empty conditional never holds.
            """,
        badRoute: "to: http://127.0.0.1:3000\npolicy:\n  - deny:\n      or:\n        - domain:\n            is: example.org",
        goodRoute:
            "to: http://127.0.0.1:3000\nallow_any_authenticated_user: true\npolicy:\n  - deny:\n      or:\n        - domain:\n            is: example.org"
    )

    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        if let denial = policy.rules.filter({ $0.action == .deny }).flatMap(\.conditionals).first(where: { $0.constant(now: subject.now) == true }),
            // One that holds for whoever is signed in is told by its criterion.
            denial.criteria.contains(where: { $0.name == "accept" || $0.name == "reject" })
        {
            findings.add("this denies everybody, whatever the other rules say", at: denial.position, help: "remove it, or remove the route")
            return
        }
        guard !route.isOpenedByOptions, !route.definition.corsAllowPreflight else { return }
        let allows = policy.rules.filter { $0.action == .allow }.flatMap(\.conditionals)
        // An alternative that cannot hold for another reason is told where it stands.
        guard
            allows.allSatisfy({
                $0.criteria.isEmpty || ($0.connective == .or || $0.connective == .and) && $0.criteria.allSatisfy { $0.name == "reject" }
            })
        else { return }
        let denies = policy.rules.contains { $0.action == .deny }
        findings.add(
            "this policy lets in nobody" + (denies ? ", so its deny rules have no effect" : ""), at: route.position(of: "policy"),
            help: denies ? "add an allow rule, or allow_any_authenticated_user: true" : "add an allow rule with a criterion")
    }
}
