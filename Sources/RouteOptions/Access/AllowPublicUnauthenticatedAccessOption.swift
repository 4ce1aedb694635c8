import Routing

/// `allow_public_unauthenticated_access`.
struct AllowPublicUnauthenticatedAccessOption: RouteOption {
    let key = "allow_public_unauthenticated_access"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "false", text: "Anyone may use the route, signed in or not. A session is still read where there is one.",
        example: "allow_public_unauthenticated_access: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let value = entry.bool(&context.report) else { return }
        route.allowPublicUnauthenticatedAccess = value
    }
}
