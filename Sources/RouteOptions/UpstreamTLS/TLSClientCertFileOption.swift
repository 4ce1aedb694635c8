import Routing

/// `tls_client_cert_file`.
struct TLSClientCertFileOption: RouteOption {
    let key = "tls_client_cert_file"
    let reference = RouteOptionReference(
        type: "path", defaultValue: "–", text: "As `tls_client_cert`, from a PEM file. Read again when it changes.",
        example: "tls_client_cert_file: /etc/postern/client.pem")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard entry.needs("tls_client_key_file", &context), let pem = entry.clientCertificatePEM(fromFile: true, &context) else { return }
        if context.has("tls_client_cert") { return }
        route.upstreamTLS.clientCertificate = pem
    }
}
