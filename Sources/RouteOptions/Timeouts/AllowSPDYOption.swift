import Routing

/// `allow_spdy`.
struct AllowSPDYOption: RouteOption {
    let key = "allow_spdy"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "false", text: "Allows `Upgrade: spdy/3.1`.",
        example: "allow_spdy: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let value = entry.bool(&context.report) else { return }
        route.allowSPDY = value
    }
}
