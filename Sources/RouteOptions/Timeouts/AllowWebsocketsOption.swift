import Routing

/// `allow_websockets`.
struct AllowWebsocketsOption: RouteOption {
    let key = "allow_websockets"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "false", text: "Allows `Upgrade: websocket`. Both timeouts are off unless they are set.",
        example: "allow_websockets: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let value = entry.bool(&context.report) else { return }
        route.allowWebsockets = value
    }
}
