import Diagnostics
import Routing

/// `regex_rewrite_substitution`; read together with its pattern.
struct RegexRewriteSubstitutionOption: RouteOption {
    let key = "regex_rewrite_substitution"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "empty",
        text: "What matches of `regex_rewrite_pattern` become; `\\1` to `\\9` stand for the pattern's groups.",
        example: "regex_rewrite_substitution: '/\\1/new'")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard !context.has("regex_rewrite_pattern") else { return }
        context.report.error("missing-pattern", "regex_rewrite_substitution needs regex_rewrite_pattern", at: entry.keyPosition)
    }
}
