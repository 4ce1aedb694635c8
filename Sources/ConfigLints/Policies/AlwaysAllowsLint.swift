import Diagnostics
import PolicyLanguage
import Routing

/// `accept` as one alternative among others: the others count for nothing.
struct AlwaysAllowsLint: PolicyLint {
    let rule = LintRule(
        code: "always-allows", summary: "an alternative that lets in everybody, beside others",
        text: """
            All conditionals of all `allow` rules are alternatives. Where one of them always holds, such as one with `accept`, everybody is let in \
            without signing in, and what stands beside it has no effect. Where that is meant, `allow_public_unauthenticated_access: true` says it \
            plainly; else put the criteria into one `and`. A policy that consists of `accept` alone is not reported.
            """,
        badAllow: "or:\n  - accept: true\n  - domain:\n      is: example.com", goodAllow: "or:\n  - domain:\n      is: example.com")

    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        let conditionals = policy.rules.filter { $0.action == .allow }.flatMap(\.conditionals).filter { !$0.criteria.isEmpty }
        let others = conditionals.reduce(0) { $0 + $1.criteria.count }
        guard others > 1, !route.definition.allowPublicUnauthenticatedAccess else { return }
        for conditional in conditionals where conditional.constant(now: subject.now) == true {
            // What holds for whoever is signed in is another lint's.
            guard conditional.criteria.contains(where: { $0.name == "accept" || $0.name == "reject" }) else { continue }
            if conditional.criteria.count == others, conditional.criteria.allSatisfy({ $0.constant(now: subject.now) == true }) { continue }
            let place = conditional.criteria.first { $0.name == "accept" || $0.name == "reject" }?.position ?? conditional.position
            findings.add(
                "this lets in everybody, the other \(others == 2 ? "criterion has" : "criteria have") no effect", at: place,
                help: "remove it, or write allow_public_unauthenticated_access: true instead of the policy")
        }
    }
}
