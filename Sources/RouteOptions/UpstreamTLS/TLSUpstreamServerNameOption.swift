import Diagnostics
import Routing

/// `tls_upstream_server_name`.
struct TLSUpstreamServerNameOption: RouteOption {
    let key = "tls_upstream_server_name"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "host of `to`",
        text: "The name that the application's certificate must have, also sent as server name indication.",
        example: "tls_upstream_server_name: internal.example.com")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        route.upstreamTLS.serverName = entry.serverName(&context.report)
    }
}

extension ConfigEntry {
    /// A host name or an IP literal.
    func serverName(_ report: inout DiagnosticReport) -> String? {
        guard let text = nonEmptyString(&report) else { return nil }
        let authority = text.contains(":") ? "[\(text)]" : text
        guard let url = try? AbsoluteURL("https://\(authority)"), url.authority == authority, url.port == nil else {
            report.error("invalid-host", "\(key) must be a host name, found \(text)", at: position)
            return nil
        }
        guard !text.contains("*") else {
            report.error("invalid-host", "\(key) cannot hold a wildcard, found \(text)", at: position, help: "write a name of the certificate")
            return nil
        }
        return text
    }
}
