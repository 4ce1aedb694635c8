import Routing

/// `tls_client_key_file`.
struct TLSClientKeyFileOption: RouteOption {
    let key = "tls_client_key_file"
    let reference = RouteOptionReference(
        type: "path", defaultValue: "–", text: "Key of `tls_client_cert_file`.",
        example: "tls_client_key_file: /etc/postern/client-key.pem")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard entry.needs("tls_client_cert_file", &context), let pem = entry.clientCertificatePEM(fromFile: true, &context) else { return }
        if context.has("tls_client_cert") { return }
        route.upstreamTLS.clientKey = pem
    }
}
