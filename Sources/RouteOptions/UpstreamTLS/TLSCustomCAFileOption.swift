import Diagnostics
import Routing

/// `tls_custom_ca_file`.
struct TLSCustomCAFileOption: RouteOption {
    let key = "tls_custom_ca_file"
    let reference = RouteOptionReference(
        type: "path", defaultValue: "–", text: "As `tls_custom_ca`, from a PEM file; wins where both are set. Read again when it changes.",
        example: "tls_custom_ca_file: /etc/postern/internal-ca.pem")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let text = context.file(named: entry, or: { "config: couldn't load client ca file: \($0)" }) else { return }
        guard text.contains("-----BEGIN ") else {
            context.report.error("invalid-pem", "config: couldn't load client ca file: no PEM text", at: entry.position)
            return
        }
        route.upstreamTLS.customCA = text
    }
}
