import Diagnostics
import Routing

/// `prefix_rewrite`.
struct PrefixRewriteOption: RouteOption {
    let key = "prefix_rewrite"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "–",
        text: """
            Replaces the matched part of the path before it goes to the application: the `prefix`, or the whole path of `path` and `regex`. Slashes \
            are not mended: `prefix: /a` with `prefix_rewrite: /` makes `//b` of `/a/b`; write both with a final slash.
            """,
        example: "prefix_rewrite: /v2/")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let text = entry.pathText(&context.report), !text.isEmpty else { return }
        guard text.hasPrefix("/") else {
            context.report.error(
                "invalid-path", "prefix_rewrite must begin with a slash, found \"\(text)\"", at: entry.position, help: "write /\(text)")
            return
        }
        if context.has("regex_rewrite_pattern") {
            context.report.error(
                "several-rewrites", "config: only prefix_rewrite or regex_rewrite_pattern can be specified, but not both", at: entry.keyPosition)
        }
        route.prefixRewrite = text
    }
}
