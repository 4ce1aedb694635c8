import Diagnostics

/// Warnings that loading a configuration raises, at the start and on reload too. They have a place in the reference as the lints have.
public enum LoaderRules {
    public static let all: [LintRule] = [
        LintRule(
            code: "shadowed-route", severity: .warning, summary: "a route that is never reached",
            text:
                "An earlier route of the same host takes all that this one matches. The first match in the list wins: put the narrower route first.",
            bad: routes("prefix: /docs/", "prefix: /docs/new/"), good: routes("prefix: /docs/new/", "prefix: /docs/")),
        LintRule(
            code: "duplicate-route", severity: .warning, summary: "a route that matches the same as an earlier one",
            text: "Host and match are those of an earlier route, so this one is never reached. Remove one of them, or give one a narrower match.",
            bad: routes("prefix: /docs/", "prefix: /docs/"), good: routes("prefix: /docs/", "prefix: /wiki/")),
        LintRule(
            code: "prefix-without-slash", severity: .warning, summary: "a prefix that also matches longer names",
            text: """
                A prefix is compared letter by letter: `/api` also matches `/apix` and `/api-admin`, which may be meant for other people. End it with a \
                slash; where the path itself is wanted too, add a route with `path`, or write `regex: ^/api(/.*)?$`.
                """,
            bad: routes("prefix: /docs", "prefix: /wiki/"), good: routes("prefix: /docs/", "prefix: /wiki/")),
        LintRule(
            code: "joined-by-or", summary: "`not` beside `and` in one rule",
            text: """
                The conditionals of a rule are alternatives: `and` beside `not` means "the `and` holds, or the `not` does", which lets in nearly \
                everybody. To exclude, write a `deny` rule, or the matchers `not` and `not_in` inside `and`.
                """,
            badAllow: "and:\n  - domain:\n      is: example.com\nnot:\n  - email:\n      is: bob@example.com",
            goodAllow: "and:\n  - domain:\n      is: example.com\n  - email:\n      not: bob@example.com"),
        LintRule(
            code: "never-equal", summary: "a number or a boolean where texts are compared",
            text: "`1` is a number and never equals the text `1`. Put the value in quotes.",
            badAllow: "and:\n  - user:\n      not: 1001", goodAllow: "and:\n  - user:\n      not: \"1001\""),
        LintRule(
            code: "never-passes", summary: "a window of time in which there is no moment",
            text: "`after` is not earlier than `before`, so no moment lies between them.",
            badAllow: "and:\n  - authenticated_user: true\n  - date:\n      after: 2199-01-02\n      before: 2199-01-01",
            goodAllow: "and:\n  - authenticated_user: true\n  - date:\n      after: 2199-01-01\n      before: 2199-01-02"),
        LintRule(
            code: "route-denies-everybody", summary: "a route without any access option",
            text: "A route lets in nobody unless something says so. Add a `policy`, or `allow_any_authenticated_user: true`.",
            badRoute: "to: http://127.0.0.1:3000", goodRoute: "to: http://127.0.0.1:3000\nallow_any_authenticated_user: true"),
        LintRule(
            code: "header-set-and-removed", summary: "a request header that is set and removed",
            text: "`remove_request_headers` names a header that `set_request_headers` sets. It is removed.",
            badRoute:
                "to: http://127.0.0.1:3000\nallow_any_authenticated_user: true\nset_request_headers:\n  X-Team: blue\nremove_request_headers:\n  - X-Team",
            goodRoute: "to: http://127.0.0.1:3000\nallow_any_authenticated_user: true\nset_request_headers:\n  X-Team: blue"),
        LintRule(
            code: "weak-cookies", severity: .warning, summary: "`cookie_same_site: none` with a `cookie_domain`",
            text: "Every site can send requests as the visitor to every host below the domain. Leave one of the two out.",
            bad: "cookie_same_site: none\ncookie_domain: example.com", good: "cookie_same_site: none"),
        LintRule(
            code: "insecure-url", severity: .warning, summary: "an identity provider without `https`",
            text: "Whoever stands between the proxy and the identity provider can sign in as anybody. Use `https`; `localhost` is let through.",
            bad: provider("http"), good: provider("https")),
    ]

    private static func routes(_ first: String, _ second: String) -> String {
        let route = { (match: String) in
            "  - from: https://app.example.com\n    to: http://127.0.0.1:3000\n    \(match)\n    allow_any_authenticated_user: true"
        }
        return LintRule.routes + route(first) + "\n" + route(second)
    }

    private static func provider(_ scheme: String) -> String {
        """
        idp_provider: oidc
        idp_provider_url: \(scheme)://id.example.com
        idp_client_id: postern
        idp_client_secret_file: client-secret
        """
    }
}
