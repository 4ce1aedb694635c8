import Routing

/// `allow_any_authenticated_user`.
struct AllowAnyAuthenticatedUserOption: RouteOption {
    let key = "allow_any_authenticated_user"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "false", text: "Whoever can sign in may use the route.",
        example: "allow_any_authenticated_user: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let value = entry.bool(&context.report) else { return }
        route.allowAnyAuthenticatedUser = value
    }
}
