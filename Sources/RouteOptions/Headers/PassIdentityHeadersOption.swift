import Routing

/// `pass_identity_headers`.
struct PassIdentityHeadersOption: RouteOption {
    let key = "pass_identity_headers"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "the global setting",
        text: "Tells the application who is there: `X-Pomerium-Jwt-Assertion` and the claim headers. Unset follows the global setting.",
        example: "pass_identity_headers: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let value = entry.bool(&context.report) else { return }
        route.passIdentityHeaders = value
    }
}
