import Routing

/// `preserve_host_header`.
struct PreserveHostHeaderOption: RouteOption {
    let key = "preserve_host_header"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "false", text: "The application sees the visitor's `Host`. The other host settings win over it.",
        example: "preserve_host_header: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard entry.bool(&context.report) == true else { return }
        let stronger = ["host_rewrite", "host_rewrite_header", "host_path_regex_rewrite_pattern"]
        if !stronger.contains(where: { context.has($0) }) { route.hostRewrite = .preserve }
    }
}
