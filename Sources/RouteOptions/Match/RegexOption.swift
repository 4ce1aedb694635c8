import Routing

/// `regex`.
struct RegexOption: RouteOption {
    let key = "regex"
    let reference = RouteOptionReference(
        type: "regular expression", defaultValue: "–",
        text: """
            Matches when the expression matches the whole path. An expression that takes too many steps for a path refuses the request instead of \
            choosing another route.
            """,
        example: "regex: '/users/[0-9]+(/.*)?'")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let expression = entry.expression(&context.report) else { return }
        route.path = .regex(expression)
    }
}
