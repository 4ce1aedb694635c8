import Routing

/// `path`.
struct PathOption: RouteOption {
    let key = "path"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "–", text: "Matches this path alone, with regard to case and without the query.", example: "path: /healthz")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let path = entry.matchPath(&context.report) else { return }
        route.path = .exact(Array(path.utf8))
    }
}
