import Diagnostics
import Routing

/// `prefix`.
struct PrefixOption: RouteOption {
    let key = "prefix"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "–",
        text: "Matches every path that begins with these characters. It knows nothing of segments: `/api` matches `/apiary` too; `/api/` does not.",
        example: "prefix: /api/")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let prefix = entry.matchPath(&context.report) else { return }
        if !prefix.hasSuffix("/") {
            context.report.warning(
                "prefix-without-slash", "the prefix \(prefix) also matches \(prefix)x", at: entry.position,
                help: "end it with a slash, or use path for the one address")
        }
        route.path = .prefix(Array(prefix.utf8))
    }
}
