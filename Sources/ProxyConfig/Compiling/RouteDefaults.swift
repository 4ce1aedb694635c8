import Routing

/// What routes take from the global settings: two loads that agree on it make the same of a route.
struct RouteDefaults: Sendable, Equatable {
    var responseHeaders: [HeaderSetting]
    var passIdentityHeaders: Bool
    var issuerFormat: IssuerFormat
    var claimHeaders: [ClaimHeader]
    var circuitBreaker: CircuitBreakerThresholds
    var keepsUnderscoreNames: Bool
    /// Nanoseconds.
    var timeout: Int64
    var upgrades: [String]

    init(_ settings: Settings) {
        responseHeaders = settings.responseHeaders
        passIdentityHeaders = settings.passIdentityHeaders
        issuerFormat = settings.jwtIssuerFormat
        claimHeaders = settings.jwtClaimsHeaders
        circuitBreaker = settings.circuitBreakerThresholds
        keepsUnderscoreNames = settings.headersWithUnderscoresAction == .allow
        timeout = settings.defaultUpstreamTimeout
        upgrades = settings.allowUpgrades
    }
}
