import Routing

/// `tests`.
struct TestsOption: RouteOption {
    let key = "tests"
    let reference = RouteOptionReference(
        type: "list of tests", defaultValue: "[]",
        text:
            "What must come out of requests to this route. Each test has `name`, `as` (an e-mail address, `anonymous`, or an object with `email`, `user`, `groups`, `claims`, `devices`), `request` (a path, or an object with `path`, `method`, `ip`, `headers`), `at` (the moment), `expect` (`allow`, `deny`, `login` or another outcome) and `reasons` (codes that must be there). They run on every load: where one fails, the configuration is not put in force. See [policy tests](../guides/policy.md#tests).",
        example:
            "tests: [{name: staff get in, as: ann@example.com, request: /reports, expect: allow}, {name: nobody else, as: anonymous, expect: login}]")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        route.tests = PolicyTestReader.tests(in: entry, needsURL: false, &context.report)
    }
}
