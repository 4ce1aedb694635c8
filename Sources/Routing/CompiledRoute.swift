public import HTTPWire
public import PolicyLanguage

/// A route ready for the byte path: nothing is parsed, looked up by name or allocated for it per request.
///
/// The object that the table chose is the one that the decision sees and the proxy dials; nobody matches twice (the lesson of CVE-2023-33189).
public final class CompiledRoute: Sendable {
    /// Stable over reloads and over changes that leave origin and destination alone.
    public let id: String
    /// `name`, or the host where none is given.
    public let name: String
    public let definition: RouteDefinition
    public let from: RouteSource
    public let destination: Destination
    public let access: RouteAccess
    public let identity: IdentityForwarding
    public let requestHeaders: RequestHeaderRules
    /// Serialised `Name: value\r\n` lines that overwrite the upstream's.
    public let responseHeaders: ResponseHeaderRules
    /// Nanoseconds until the complete response; nil means no limit.
    public let timeout: Int64?
    /// Nanoseconds without a byte in either direction; nil means no limit.
    public let idleTimeout: Int64?
    /// Lower-case tokens that `Upgrade` may name.
    public let upgrades: Set<String>
    /// With what it inherits.
    public let circuitBreaker: CircuitBreakerThresholds

    public enum Destination: Sendable {
        case upstream([UpstreamTarget])
        case redirect(RedirectAction)
        case response(DirectResponse)
        /// The route could not be built; it answers 503 and nothing else, and every other route works.
        case unavailable(String)
    }

    public init(
        id: String, name: String, definition: RouteDefinition, from: RouteSource, destination: Destination, access: RouteAccess,
        identity: IdentityForwarding, requestHeaders: RequestHeaderRules, responseHeaders: ResponseHeaderRules, timeout: Int64?,
        idleTimeout: Int64?, upgrades: Set<String>, circuitBreaker: CircuitBreakerThresholds = .standard
    ) {
        self.id = id
        self.name = name
        self.definition = definition
        self.from = from
        self.destination = destination
        self.access = access
        self.identity = identity
        self.requestHeaders = requestHeaders
        self.responseHeaders = responseHeaders
        self.timeout = timeout
        self.idleTimeout = idleTimeout
        self.upgrades = upgrades
        self.circuitBreaker = circuitBreaker.over(.standard)
    }
}

/// Who may use a route.
public struct RouteAccess: Sendable {
    /// Joined with OR for allow and for deny; the first one holds the rules made from route options.
    public var policies: [CompiledPolicy]
    /// What would decide in the place of ``policies`` if the shadow were in force; empty without one. It changes nothing.
    public var shadow: [CompiledPolicy]
    public var isPublic: Bool
    public var showErrorDetails: Bool

    public init(policies: [CompiledPolicy], shadow: [CompiledPolicy] = [], isPublic: Bool, showErrorDetails: Bool) {
        self.policies = policies
        self.shadow = shadow
        self.isPublic = isPublic
        self.showErrorDetails = showErrorDetails
    }
}

/// What the application is told about the person.
public struct IdentityForwarding: Sendable {
    public var passIdentityHeaders: Bool
    public var issuerFormat: IssuerFormat
    /// `jwt_claims_headers`: header name and claim.
    public var claimHeaders: [(header: String, claim: String)]
    /// Token of the service account that speaks for the person to a Kubernetes API server; nil for every other application.
    public var kubernetesToken: String?

    public init(
        passIdentityHeaders: Bool, issuerFormat: IssuerFormat, claimHeaders: [(header: String, claim: String)], kubernetesToken: String? = nil
    ) {
        self.passIdentityHeaders = passIdentityHeaders
        self.issuerFormat = issuerFormat
        self.claimHeaders = claimHeaders
        self.kubernetesToken = kubernetesToken
    }
}

/// What happens to the request's fields before they leave.
public struct RequestHeaderRules: Sendable {
    /// Drops hop-by-hop fields, everything we manage, and what the route removes or sets.
    public var filter: FieldFilter
    public var set: [(name: String, value: HeaderTemplate)]
    /// The serialised lines of `set` where no value has a reference.
    public var constantLines: [UInt8]?

    public init(filter: FieldFilter, set: [(name: String, value: HeaderTemplate)], constantLines: [UInt8]?) {
        self.filter = filter
        self.set = set
        self.constantLines = constantLines
    }
}

extension RequestHeaderRules {
    /// What the proxy itself tells the application: whatever came under these names is dropped, and the data plane writes the true values.
    ///
    /// Impersonation headers are here for applications that are called with a credential of the route's own: they would act on the visitor's word.
    public static let managedNames = [
        "host", "cookie", "expect", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-request-id",
        "x-forwarded-client-cert", "impersonate-user", "impersonate-group", "impersonate-uid",
    ]
}

/// What happens to the response's fields on the way back.
public struct ResponseHeaderRules: Sendable {
    public var filter: FieldFilter
    /// `Name: value\r\n` lines.
    public var lines: [UInt8]
    public var rewrites: [ResponseHeaderRewrite]

    public init(filter: FieldFilter, lines: [UInt8], rewrites: [ResponseHeaderRewrite]) {
        self.filter = filter
        self.lines = lines
        self.rewrites = rewrites
    }
}
