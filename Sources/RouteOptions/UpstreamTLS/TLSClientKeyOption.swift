import Routing

/// `tls_client_key`.
struct TLSClientKeyOption: RouteOption {
    let key = "tls_client_key"
    let reference = RouteOptionReference(
        type: "base64 of PEM", defaultValue: "–", text: "Key of `tls_client_cert`.",
        example: "tls_client_key: LS0tLS1CRUdJTi…")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard entry.needs("tls_client_cert", &context), let pem = entry.clientCertificatePEM(fromFile: false, &context) else { return }
        route.upstreamTLS.clientKey = pem
    }
}
