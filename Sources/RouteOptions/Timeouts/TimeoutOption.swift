import Routing

/// `timeout`.
struct TimeoutOption: RouteOption {
    let key = "timeout"
    let reference = RouteOptionReference(
        type: "duration", defaultValue: "`default_upstream_timeout`",
        text: "Until the complete answer; then 504. `0` means no limit, which is also the default of routes with WebSockets or Kubernetes.",
        example: "timeout: 1m")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        route.timeout = entry.duration(&context.report)
    }
}
