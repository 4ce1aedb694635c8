import Diagnostics
import PolicyLanguage

/// A `date` whose end has passed.
struct DateInThePastLint: PolicyLint {
    let rule = LintRule(
        code: "date-in-the-past", summary: "a `date` whose end has passed",
        text: """
            The moment in `before` has passed, so the criterion never holds again: an `allow` rule has run out, a `deny` rule has ceased to deny. \
            Remove the rule, or give it a new end. The clock of the machine that checks is asked.
            """,
        badAllow: "and:\n  - domain:\n      is: example.com\n  - date:\n      before: 2020-01-01",
        goodAllow: "and:\n  - domain:\n      is: example.com\n  - date:\n      before: 2199-01-01")

    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        for rule in policy.rules {
            for criterion in rule.conditionals.flatMap(\.criteria) where criterion.name == "date" {
                guard let value = criterion.data["before"], let end = value.string.flatMap({ UnixTime(iso8601: $0) }), end <= subject.now else {
                    continue
                }
                findings.add(
                    "\(value.text ?? "the date") has passed, so this \(rule.action.rawValue) rule's date never holds again", at: value.position,
                    help: "remove what has run out, or write a later date")
            }
        }
    }
}
