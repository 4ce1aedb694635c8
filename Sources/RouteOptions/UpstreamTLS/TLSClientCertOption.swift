import Routing

/// `tls_client_cert`.
struct TLSClientCertOption: RouteOption {
    let key = "tls_client_cert"
    let reference = RouteOptionReference(
        type: "base64 of PEM", defaultValue: "–", text: "Certificate that the application is shown; wins over the file.",
        example: "tls_client_cert: LS0tLS1CRUdJTi…")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard entry.needs("tls_client_key", &context), let pem = entry.clientCertificatePEM(fromFile: false, &context) else { return }
        route.upstreamTLS.clientCertificate = pem
    }
}
