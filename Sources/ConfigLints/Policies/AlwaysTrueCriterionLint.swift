import Diagnostics
import PolicyLanguage

/// A criterion that looks like a condition, and holds whatever is asked.
struct AlwaysTrueCriterionLint: PolicyLint {
    let rule = LintRule(
        code: "always-true-criterion", summary: "a criterion that always holds",
        text: """
            The criterion reads like a condition, but every value meets it: an empty `contains`, `starts_with` or `ends_with`, an empty `not_in`, \
            `http_path: {starts_with: /}`, all addresses, all weekdays. One about a person still needs a person, so it lets in whoever is signed in. \
            Write what is meant; `authenticated_user` and `accept` say the other two things plainly.
            """,
        badAllow: "and:\n  - email:\n      ends_with: \"\"", goodAllow: "and:\n  - email:\n      ends_with: \"@example.com\"")

    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        for criterion in policy.rules.flatMap(\.conditionals).flatMap(\.criteria)
        where criterion.name != "accept" && criterion.constant(now: subject.now) == true {
            let everyone = ["email", "domain", "user"].contains(criterion.name)
            findings.add(
                "\(criterion.key) always holds\(everyone ? " for whoever is signed in" : "")", at: criterion.data.position,
                help: everyone ? "name what is wanted, or write authenticated_user: true" : "remove it, or name what is wanted")
        }
    }
}
