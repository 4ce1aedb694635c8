public import Diagnostics
public import Routing

/// `circuit_breaker_thresholds`.
struct CircuitBreakerThresholdsOption: RouteOption {
    let key = "circuit_breaker_thresholds"
    let reference = RouteOptionReference(
        type: "object", defaultValue: "the global `circuit_breaker_thresholds`, value by value",
        text: """
            How much the route may have under way, in the whole process: `max_connections` open connections to its targets (each core may always \
            have one), `max_pending_requests` waiting for a connection, `max_requests` in all. What is beyond is \
            answered 503 `upstream_reset_before_response_started{overflow}` at once, with the flag `UO`. `max_retries` bounds the \
            requests that are being sent a second time, which happens once at most, and to idempotent ones on a connection that had been idle.
            """,
        example: "circuit_breaker_thresholds: {max_connections: 100, max_pending_requests: 20}")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        if let thresholds = entry.circuitBreakerThresholds(&context.report) { route.circuitBreaker = thresholds }
    }
}

extension ConfigEntry {
    /// The thresholds that an object names, the same in a route and globally.
    public func circuitBreakerThresholds(_ report: inout DiagnosticReport) -> CircuitBreakerThresholds? {
        guard var object = NestedObject(self, name: key, &report) else { return nil }
        let range = 0...Int(UInt32.max)
        let thresholds = CircuitBreakerThresholds(
            maxConnections: object.integer("max_connections", in: range, &report),
            maxPendingRequests: object.integer("max_pending_requests", in: range, &report),
            maxRequests: object.integer("max_requests", in: range, &report), maxRetries: object.integer("max_retries", in: range, &report))
        object.withoutEffect("max_connection_pools", because: "a target has one pool per core", &report)
        object.finish(&report)
        return thresholds
    }
}
