import Diagnostics
import Routing

/// An expression that takes exponentially many steps over some paths.
struct SlowRegexLint: RouteLint {
    let rule = LintRule(
        code: "slow-regex", summary: "an expression that can take very many steps",
        text: """
            A repetition inside a repetition can split one text in very many ways, as in `(a+)+`, and visitors choose the path. Matching stops at a \
            limit, and the request is refused then, as nobody knows its route. Write one repetition, or let something separate the rounds that \
            cannot occur within one: `(/[a-z]+)*` is fine.
            """,
        badRoute: "to: http://127.0.0.1:3000\nregex: ^/docs/([a-z]+)*$\nallow_any_authenticated_user: true",
        goodRoute: "to: http://127.0.0.1:3000\nregex: ^/docs/[a-z]*$\nallow_any_authenticated_user: true")

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        var patterns: [(key: String, pattern: String)] = []
        if case .regex(let regex) = route.definition.path { patterns.append(("regex", regex.pattern)) }
        if let rewrite = route.definition.regexRewrite { patterns.append(("regex_rewrite_pattern", rewrite.pattern.pattern)) }
        if case .pathRegex(let rewrite) = route.definition.hostRewrite {
            patterns.append(("host_path_regex_rewrite_pattern", rewrite.pattern.pattern))
        }
        for (key, pattern) in patterns where RegexShapeParser.shape(of: pattern)?.isExplosive == true {
            findings.add(
                "\(key) can take very many steps: a repetition inside a repetition splits one text in many ways", at: route.valuePosition(of: key),
                help: "write one repetition, or separate the rounds by something that cannot occur within one")
        }
    }
}
