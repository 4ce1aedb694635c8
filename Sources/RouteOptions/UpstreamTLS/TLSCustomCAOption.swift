import Diagnostics
import Routing

/// `tls_custom_ca`.
struct TLSCustomCAOption: RouteOption {
    let key = "tls_custom_ca"
    let reference = RouteOptionReference(
        type: "base64 of PEM", defaultValue: "–",
        text: "Authorities that may sign the application's certificate, in place of the system's and of `certificate_authority`.",
        example: "tls_custom_ca: LS0tLS1CRUdJTi…")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let text = entry.base64Text(&context.report, or: { "config: couldn't decode custom ca: \($0)" }) else { return }
        guard text.contains("-----BEGIN ") else {
            context.report.error("invalid-pem", "config: couldn't decode custom ca: no PEM text", at: entry.position)
            return
        }
        if !context.has("tls_custom_ca_file") { route.upstreamTLS.customCA = text }
    }
}
