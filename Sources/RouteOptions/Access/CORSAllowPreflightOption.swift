import Routing

/// `cors_allow_preflight`.
struct CORSAllowPreflightOption: RouteOption {
    let key = "cors_allow_preflight"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "false",
        text: "Lets `OPTIONS` requests with `Origin` and `Access-Control-Request-Method` pass without sign-in.",
        example: "cors_allow_preflight: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let value = entry.bool(&context.report) else { return }
        route.corsAllowPreflight = value
    }
}
