import Routing

/// `regex_rewrite_pattern`.
struct RegexRewritePatternOption: RouteOption {
    let key = "regex_rewrite_pattern"
    let reference = RouteOptionReference(
        type: "regular expression", defaultValue: "–",
        text: "Every match in the path is replaced by `regex_rewrite_substitution` before the request goes to the application; the query is kept.",
        example: "regex_rewrite_pattern: '^/(\\w+)/old'")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        route.regexRewrite = entry.rewrite(with: context.siblings["regex_rewrite_substitution"], &context.report)
    }
}
