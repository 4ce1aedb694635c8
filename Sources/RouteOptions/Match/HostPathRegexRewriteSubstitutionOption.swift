import Diagnostics
import Routing

/// `host_path_regex_rewrite_substitution`; read together with its pattern.
struct HostPathRegexRewriteSubstitutionOption: RouteOption {
    let key = "host_path_regex_rewrite_substitution"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "empty",
        text: "What matches of `host_path_regex_rewrite_pattern` become; `\\1` to `\\9` stand for the pattern's groups.",
        example: "host_path_regex_rewrite_substitution: '\\1'")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard !context.has("host_path_regex_rewrite_pattern") else { return }
        context.report.error(
            "missing-pattern", "host_path_regex_rewrite_substitution needs host_path_regex_rewrite_pattern", at: entry.keyPosition)
    }
}
