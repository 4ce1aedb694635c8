public import Diagnostics
public import PolicyLanguage

/// A route as the operator wrote it, decoded: every option has its type and its default. ``CompiledRoute`` is made from it.
public struct RouteDefinition: Sendable {
    /// Where the route's entry begins in its file.
    public var position: SourcePosition?

    // Identity and origin
    public var name: String?
    public var explanation: String?
    public var logoURL: String?
    public var from: RouteSource?

    // Destination: exactly one of the three
    public var to: [UpstreamTarget] = []
    /// Path of the first `to`; acts as `prefix_rewrite` where no rewrite is set.
    public var toPath: String?
    public var redirect: RedirectAction?
    public var response: DirectResponse?

    // Match
    public var path: PathMatcher = .any

    // Rewrites
    public var prefixRewrite: String?
    public var regexRewrite: RegexRewrite?
    public var hostRewrite: HostRewrite?

    // Access
    public var policy: PolicyDocument?
    public var allowPublicUnauthenticatedAccess = false
    public var allowAnyAuthenticatedUser = false
    public var corsAllowPreflight = false
    public var allowedUsers: [String] = []
    public var allowedDomains: [String] = []
    public var allowedIDPClaims: [(name: String, values: [ClaimValue])] = []
    public var showErrorDetails = false
    public var tests: [PolicyTest] = []

    // Headers
    public var setRequestHeaders: [(name: String, value: HeaderTemplate)] = []
    public var removeRequestHeaders: [String] = []
    /// Nil inherits the global map alone; merged over it otherwise.
    public var setResponseHeaders: [(name: String, value: String)]?
    /// `set_response_headers: {disable: …}`: none at all.
    public var disableResponseHeaders = false
    public var rewriteResponseHeaders: [ResponseHeaderRewrite] = []
    /// Nil inherits the global setting.
    public var passIdentityHeaders: Bool?
    /// Nil inherits.
    public var jwtIssuerFormat: IssuerFormat?

    // Timeouts in nanoseconds; nil inherits, 0 means none
    public var timeout: Int64?
    public var idleTimeout: Int64?
    public var allowWebsockets = false
    public var allowSPDY = false
    public var allowUpgrades: [String]?

    // Upstream
    /// The token of a Kubernetes service account that may impersonate.
    public var kubernetesServiceAccountToken: String?
    public var upstreamTLS = UpstreamTLSSettings()
    public var loadBalancing = LoadBalancingPolicy.roundRobin
    public var healthChecks: [HealthCheck] = []
    /// Nil: off.
    public var outlierDetection: OutlierDetection?
    /// Per cent of healthy targets below which all are used; 0 means never.
    public var healthyPanicThreshold = 50
    public var circuitBreaker = CircuitBreakerThresholds()

    public init() {}

    public enum HostRewrite: Sendable, Equatable {
        case literal(String)
        /// Value of this request header.
        case header(String)
        /// Path without query after the substitution.
        case pathRegex(RegexRewrite)
        case preserve
    }
}

/// `from`: scheme, host and port that visitors use.
public struct RouteSource: Sendable, Hashable {
    public enum Scheme: String, Sendable, Hashable {
        case http, https
        case tcp = "tcp+https"
        case udp = "udp+https"
        case ssh
    }

    public var scheme: Scheme
    public var host: HostPattern
    /// As written.
    public var text: String
    /// What clients of a `tcp+https` route name in their CONNECT, port included; empty for other schemes.
    public var tunnels: [HostPattern]

    public init(scheme: Scheme, host: HostPattern, text: String, tunnels: [HostPattern] = []) {
        self.scheme = scheme
        self.host = host
        self.text = text
        self.tunnels = tunnels
    }
}

/// A pattern with its substitution (`\1` groups).
public struct RegexRewrite: Sendable, Equatable {
    public var pattern: PathRegex
    public var substitution: String

    public init(pattern: PathRegex, substitution: String) {
        self.pattern = pattern
        self.substitution = substitution
    }

    public static func == (lhs: RegexRewrite, rhs: RegexRewrite) -> Bool {
        lhs.pattern.pattern == rhs.pattern.pattern && lhs.substitution == rhs.substitution
    }
}

/// `redirect`.
public struct RedirectAction: Sendable, Equatable {
    public var httpsRedirect = false
    public var schemeRedirect: String?
    public var hostRedirect: String?
    public var portRedirect: UInt16?
    public var pathRedirect: String?
    public var prefixRewrite: String?
    /// 301, 302, 303, 307 or 308.
    public var responseCode = 301
    public var stripQuery = false

    public init() {}
}

/// `response`: a fixed answer.
public struct DirectResponse: Sendable, Equatable {
    /// 200 to 599.
    public var status: Int
    /// At most 4096 bytes.
    public var body: String

    public init(status: Int, body: String) {
        self.status = status
        self.body = body
    }
}

/// `rewrite_response_headers[]`: replaces a prefix of a response header's first value.
public struct ResponseHeaderRewrite: Sendable, Equatable {
    public var header: String
    public var prefix: String
    public var value: String

    public init(header: String, prefix: String, value: String) {
        self.header = header
        self.prefix = prefix
        self.value = value
    }
}
