import Diagnostics
import Routing

/// `tls_server_name`, the older name of `tls_upstream_server_name`.
struct TLSServerNameOption: RouteOption {
    let key = "tls_server_name"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "–", text: "Older name of `tls_upstream_server_name`, which wins where both are set.",
        example: "tls_server_name: internal.example.com")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        context.report.warning(
            "deprecated-option", "tls_server_name is the older name of tls_upstream_server_name", at: entry.keyPosition,
            help: "write tls_upstream_server_name")
        guard let name = entry.serverName(&context.report), !context.has("tls_upstream_server_name") else { return }
        route.upstreamTLS.serverName = name
    }
}
