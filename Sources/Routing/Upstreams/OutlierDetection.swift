/// `outlier_detection`: which targets are taken out for a while because of how they answer (reference: configuration section 3.8).
/// Times are nanoseconds, `enforcing…` values are per cent of the cases.
public struct OutlierDetection: Sendable, Hashable {
    public var consecutive5xx = 5
    public var enforcingConsecutive5xx = 100
    /// 502, 503 and 504.
    public var consecutiveGatewayFailure = 5
    public var enforcingConsecutiveGatewayFailure = 0
    /// Failures to connect, resets and timeouts are counted by themselves, and not as 5xx.
    public var splitExternalLocalOriginErrors = false
    public var consecutiveLocalOriginFailure = 5
    public var enforcingConsecutiveLocalOriginFailure = 100

    /// How often rates are judged, and ended ejections looked for.
    public var interval: Int64 = 10_000_000_000
    /// An ejection lasts as many times this as there were ejections in a row.
    public var baseEjectionTime: Int64 = 30_000_000_000
    public var maxEjectionTime: Int64 = 300_000_000_000
    public var maxEjectionTimeJitter: Int64 = 0
    /// No more of a route's targets are out at a time.
    public var maxEjectionPercent = 10
    /// One target may be out whatever `maxEjectionPercent` says.
    public var alwaysEjectOneHost = false
    /// A target that passes its health check comes back at once.
    public var uneject = true

    public var enforcingSuccessRate = 100
    public var successRateMinimumHosts = 5
    public var successRateRequestVolume = 100
    /// Thousandths of a standard deviation.
    public var successRateStdevFactor = 1900

    public var failurePercentageThreshold = 85
    public var enforcingFailurePercentage = 0
    public var failurePercentageMinimumHosts = 5
    public var failurePercentageRequestVolume = 50

    public init() {}

    /// Whether a route with so many targets can ever lose one.
    public func canEject(of count: Int) -> Bool { alwaysEjectOneHost || count * maxEjectionPercent >= 100 }
}
