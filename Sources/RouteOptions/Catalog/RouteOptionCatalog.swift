public import Routing

/// The keys that a route may have.
public struct RouteOptionCatalog: Sendable {
    public let options: [any RouteOption]
    /// Keys of other versions and products that are understood, but not acted on.
    public let unsupported: [UnsupportedRouteOption]
    private let byKey: [String: any RouteOption]
    private let unsupportedByKey: [String: UnsupportedRouteOption]

    init(_ options: [any RouteOption], unsupported: [UnsupportedRouteOption]) {
        self.options = options
        self.unsupported = unsupported
        byKey = Dictionary(options.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        unsupportedByKey = Dictionary(unsupported.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(key: String) -> (any RouteOption)? { byKey[key] }

    func unsupported(_ key: String) -> UnsupportedRouteOption? { unsupportedByKey[key] }

    /// For suggestions.
    var keys: [String] { options.map(\.key) }

    /// Every option of the product, in the order of the reference. A new one is one line here, one file and one test.
    public static let standard = RouteOptionCatalog(
        [
            // Origin
            FromOption(),
            NameOption(),
            DescriptionOption(),
            LogoURLOption(),
            // Destination
            ToOption(),
            RedirectOption(),
            ResponseOption(),
            // Match and rewrite
            PathOption(),
            PrefixOption(),
            RegexOption(),
            PrefixRewriteOption(),
            RegexRewritePatternOption(),
            RegexRewriteSubstitutionOption(),
            HostRewriteOption(),
            HostRewriteHeaderOption(),
            HostPathRegexRewritePatternOption(),
            HostPathRegexRewriteSubstitutionOption(),
            PreserveHostHeaderOption(),
            // Access
            PolicyOption(),
            AllowPublicUnauthenticatedAccessOption(),
            AllowAnyAuthenticatedUserOption(),
            AllowedUsersOption(),
            AllowedDomainsOption(),
            AllowedIDPClaimsOption(),
            CORSAllowPreflightOption(),
            ShowErrorDetailsOption(),
            TestsOption(),
            // Headers
            SetRequestHeadersOption(),
            RemoveRequestHeadersOption(),
            SetResponseHeadersOption(),
            RewriteResponseHeadersOption(),
            PassIdentityHeadersOption(),
            JWTIssuerFormatOption(),
            // Timeouts and upgrades
            TimeoutOption(),
            IdleTimeoutOption(),
            AllowWebsocketsOption(),
            AllowSPDYOption(),
            AllowUpgradesOption(),
            // TLS towards the application
            TLSSkipVerifyOption(),
            TLSUpstreamServerNameOption(),
            TLSServerNameOption(),
            TLSCustomCAOption(),
            TLSCustomCAFileOption(),
            TLSClientCertOption(),
            TLSClientKeyOption(),
            TLSClientCertFileOption(),
            TLSClientKeyFileOption(),
            // Kubernetes
            KubernetesServiceAccountTokenOption(),
            KubernetesServiceAccountTokenFileOption(),
            // Several targets
            LoadBalancingPolicyOption(),
            HealthChecksOption(),
            OutlierDetectionOption(),
            HealthyPanicThresholdOption(),
            CircuitBreakerThresholdsOption(),
        ], unsupported: UnsupportedRouteOption.all)
}
