import Diagnostics
import Routing

/// `host_rewrite_header`.
struct HostRewriteHeaderOption: RouteOption {
    let key = "host_rewrite_header"
    let reference = RouteOptionReference(
        type: "header name", defaultValue: "–", text: "The application's `Host` is the value of this request header.",
        example: "host_rewrite_header: X-Tenant-Host")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let name = entry.nonEmptyString(&context.report) else { return }
        guard FieldSyntax.isName(name) else {
            context.report.error("invalid-header-name", "host_rewrite_header: \"\(name)\" is not a legal header name", at: entry.position)
            return
        }
        if !context.has("host_rewrite") { route.hostRewrite = .header(name) }
    }
}
