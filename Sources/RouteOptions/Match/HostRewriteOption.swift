import Diagnostics
import Routing

/// `host_rewrite`.
struct HostRewriteOption: RouteOption {
    let key = "host_rewrite"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "host of the chosen `to`",
        text: "The `Host` that the application sees. It wins over the other host settings.", example: "host_rewrite: internal.example.com")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let text = entry.nonEmptyString(&context.report) else { return }
        guard let url = try? AbsoluteURL("https://\(text)"), url.authority == text, !text.contains("*") else {
            context.report.error("invalid-host", "host_rewrite must be a host name, found \(text)", at: entry.position)
            return
        }
        route.hostRewrite = .literal(text)
        let others = ["host_rewrite_header", "host_path_regex_rewrite_pattern"].filter { context.has($0) }
        if let other = others.first {
            context.report.warning("ignored-option", "\(other) is ignored because of host_rewrite", at: context.siblings[other]?.keyPosition)
        }
    }
}
