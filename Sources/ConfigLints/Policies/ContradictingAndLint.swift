import Diagnostics
import PolicyLanguage

/// Criteria of one `and` that no request can meet together.
struct ContradictingAndLint: PolicyLint {
    let rule = LintRule(
        code: "contradicting-and", summary: "criteria of one `and` that exclude one another",
        text: """
            A request has one e-mail address, one domain, one method, one path. Two criteria of one `and` that want different ones are never met \
            together, so the `and` never holds. Alternatives belong into `or`, or into one `in` list.
            """,
        badAllow: "and:\n  - email:\n      is: ann@example.com\n  - email:\n      is: bob@example.com",
        goodAllow: "or:\n  - email:\n      is: ann@example.com\n  - email:\n      is: bob@example.com")

    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        for conditional in policy.rules.flatMap(\.conditionals) where conditional.connective == .and && conditional.criteria.count > 1 {
            // What never holds by itself is another lint's.
            guard !conditional.criteria.contains(where: { $0.name != "reject" && $0.constant(now: subject.now) == false }) else { continue }
            if let clash = Self.clash(in: conditional.criteria) {
                findings.add(
                    "\(clash.later.key) contradicts \(clash.earlier.key)\(clash.earlier.position.line > 0 ? " in line \(clash.earlier.position.line)" : ""), so this \"and\" never holds",
                    at: clash.later.position, help: "to allow either of them, write or instead of and")
            } else if let reject = conditional.criteria.first(where: { $0.name == "reject" }) {
                findings.add("reject never holds, so this \"and\" never does", at: reject.position, help: "remove it")
            }
        }
    }

    private static func clash(in criteria: [CriterionSource]) -> (earlier: CriterionSource, later: CriterionSource)? {
        var together: [String: (conditions: TextConditions, last: CriterionSource)] = [:]
        for criterion in criteria where criterion.isAboutOneText {
            let folds = criterion.foldsCase
            var conditions = together[criterion.name]?.conditions ?? TextConditions()
            conditions.add(criterion.data, foldingCase: folds)
            if let earlier = together[criterion.name]?.last, conditions.isContradiction { return (earlier, criterion) }
            together[criterion.name] = (conditions, criterion)
        }
        guard let email = together["email"], let domain = together["domain"], let addresses = email.conditions.anyOf, !email.conditions.isUnclear,
            !domain.conditions.isUnclear
        else { return nil }
        let domains = addresses.map { $0.split(separator: "@", omittingEmptySubsequences: false).last.map(String.init)?.lowercased() ?? "" }
        guard !domains.contains(where: domain.conditions.isMet) else { return nil }
        return email.last.position < domain.last.position ? (email.last, domain.last) : (domain.last, email.last)
    }
}
