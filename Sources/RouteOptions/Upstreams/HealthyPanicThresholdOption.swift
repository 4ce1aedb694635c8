import Routing

/// `healthy_panic_threshold`.
struct HealthyPanicThresholdOption: RouteOption {
    let key = "healthy_panic_threshold"
    let reference = RouteOptionReference(
        type: "integer from 0 to 100", defaultValue: "50",
        text: """
            Where fewer per cent of the entries of `to` are healthy than this, health is passed over and all are used: too few would be crushed \
            by the whole load, and checks may be wrong. With `0` unhealthy entries are never used, and without any healthy one requests are \
            answered 503 `no_healthy_upstream`.
            """,
        example: "healthy_panic_threshold: 0")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        if let value = entry.integer(in: 0...100, &context.report) { route.healthyPanicThreshold = value }
    }
}
