/// `circuit_breaker_thresholds`: how much a route may have under way at its targets, in the whole process (reference: configuration section 2.17).
/// What is nil inherits.
public struct CircuitBreakerThresholds: Sendable, Hashable {
    /// Open connections, used or not; every event loop may always have one.
    public var maxConnections: Int?
    /// Requests that wait for a connection.
    public var maxPendingRequests: Int?
    /// Requests from their decision to the end of their answer.
    public var maxRequests: Int?
    /// Requests that are being sent for the second time.
    public var maxRetries: Int?

    public init(maxConnections: Int? = nil, maxPendingRequests: Int? = nil, maxRequests: Int? = nil, maxRetries: Int? = nil) {
        self.maxConnections = maxConnections
        self.maxPendingRequests = maxPendingRequests
        self.maxRequests = maxRequests
        self.maxRetries = maxRetries
    }

    /// What holds where nothing else is said. Second tries have no limit of their own: a request has one at most.
    public static let standard = CircuitBreakerThresholds(maxConnections: 1024, maxPendingRequests: 1024, maxRequests: 1024)

    /// These values, and those of `other` where there are none.
    public func over(_ other: CircuitBreakerThresholds) -> CircuitBreakerThresholds {
        CircuitBreakerThresholds(
            maxConnections: maxConnections ?? other.maxConnections, maxPendingRequests: maxPendingRequests ?? other.maxPendingRequests,
            maxRequests: maxRequests ?? other.maxRequests, maxRetries: maxRetries ?? other.maxRetries)
    }
}
