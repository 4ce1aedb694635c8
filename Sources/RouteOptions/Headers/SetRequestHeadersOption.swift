import Diagnostics
import Routing

/// `set_request_headers`.
struct SetRequestHeadersOption: RouteOption {
    let key = "set_request_headers"
    let reference = RouteOptionReference(
        type: "object", defaultValue: "–",
        text: """
            Headers that are set before the request goes to the application; what the visitor sent under the same name is removed. Values may hold \
            `${pomerium.jwt}`, `${pomerium.id_token}`, `${pomerium.access_token}`, `${pomerium.client_cert_fingerprint}`, \
            `${pomerium.client_cert_san_dns}`, `${pomerium.client_cert_san_email}` and `${pomerium.request.headers["X-Name"]}`; `$$` is a dollar sign.
            """,
        example: "set_request_headers: {Authorization: \"Bearer ${pomerium.jwt}\"}")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let headers = entry.headers(&context.report) else { return }
        for header in headers {
            do {
                route.setRequestHeaders.append((header.name, try HeaderTemplate(header.value)))
            } catch {
                context.report.error(
                    "unknown-reference", "set_request_headers: \(header.name) refers to \(error.name), which does not exist", at: header.position,
                    help: Self.help(for: error.name))
            }
        }
    }

    private static let names = ["access_token", "id_token", "jwt", "client_cert_fingerprint", "client_cert_san_dns", "client_cert_san_email"]

    private static func help(for name: String) -> String {
        if let known = Suggestion.nearest(to: name, in: names.map { "pomerium." + $0 }) { return "did you mean ${\(known)}?" }
        return "write $$ for a dollar sign"
    }
}
