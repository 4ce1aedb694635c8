import Routing

/// `host_path_regex_rewrite_pattern`.
struct HostPathRegexRewritePatternOption: RouteOption {
    let key = "host_path_regex_rewrite_pattern"
    let reference = RouteOptionReference(
        type: "regular expression", defaultValue: "–",
        text: "The application's `Host` is the path, without query, after its matches became `host_path_regex_rewrite_substitution`.",
        example: "host_path_regex_rewrite_pattern: '^/([^/]+)/.*$'")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        let rewrite = entry.rewrite(with: context.siblings["host_path_regex_rewrite_substitution"], &context.report)
        guard let rewrite, !context.has("host_rewrite"), !context.has("host_rewrite_header") else { return }
        route.hostRewrite = .pathRegex(rewrite)
    }
}
