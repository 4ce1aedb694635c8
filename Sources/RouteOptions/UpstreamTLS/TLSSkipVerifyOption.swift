import Routing

/// `tls_skip_verify`.
struct TLSSkipVerifyOption: RouteOption {
    let key = "tls_skip_verify"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "false",
        text: "Accepts any certificate of the application. Whoever is on the network between can then read and change everything.",
        example: "tls_skip_verify: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let value = entry.bool(&context.report) else { return }
        route.upstreamTLS.skipVerify = value
    }
}
