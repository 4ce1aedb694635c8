import Routing

/// `idle_timeout`.
struct IdleTimeoutOption: RouteOption {
    let key = "idle_timeout"
    let reference = RouteOptionReference(
        type: "duration", defaultValue: "5m",
        text:
            "Without a byte in either direction. `0` means no limit, also the default of routes with WebSockets or Kubernetes. Does not change `timeout`.",
        example: "idle_timeout: 1m")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        route.idleTimeout = entry.duration(&context.report)
    }
}
