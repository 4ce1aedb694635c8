public import HTTPWire
public import KeyMaterial
public import Routing

/// Every global setting, decoded, with its default: the names are those of the file in camel case.
///
/// Durations are nanoseconds, and 0 means "no limit". What a section of the reference calls unset is nil.
public struct Settings: Sendable {
    // MARK: Process and listeners
    public var address = ListenAddress(host: "", port: 443)
    /// Nil: no second listener.
    public var httpRedirectAddr: ListenAddress?
    public var insecureServer = false
    /// Versions of HTTP in the TLS handshake (`codec_type`).
    public var offersHTTP = (http1: true, http2: true)
    public var useProxyProtocol = false
    public var healthCheckAddr = ListenAddress(host: "127.0.0.1", port: 28080)
    /// Where the product keeps its state. The loader replaces the empty default by the place that the environment suggests.
    public var dataDir = ""

    /// Client connections in all.
    public var maxClientConnections = 50_000
    /// Client connections of one address; 0 is any number. Nil: half of all.
    public var maxClientConnectionsPerAddress: Int?
    /// Of the whole process.
    public var memoryLimit = MemoryLimit.standard

    /// Running requests get this long when the process stops.
    public var shutdownDrainTimeout: Int64 = 600_000_000_000
    /// Between the turn of the readiness probe and the closing of the listeners.
    public var shutdownDelay: Int64 = 0

    /// Tests that stand beside no route.
    public var policyTests: [PolicyTest] = []

    // MARK: Secrets and cookies
    /// 32 bytes; nil: the runtime makes one and keeps it in the data directory.
    public var sharedSecret: [UInt8]?
    /// 32 bytes; nil as above.
    public var cookieSecret: [UInt8]?
    /// The first one signs, all are published; empty: derived from the shared secret.
    public var signingKeys: [SigningKey] = []
    public var cookieName = "_pomerium"
    /// Nil binds cookies to their host.
    public var cookieDomain: String?
    public var cookieHTTPOnly = true
    public var cookieExpire: Int64 = 14 * 3600 * 1_000_000_000
    public var cookieSameSite: SameSitePolicy?

    // MARK: Certificates
    /// All sources together: base64, list, file.
    public var certificates: [ConfiguredCertificate] = []
    /// PEM text that is added to the system's roots, of `certificate_authority` and `certificate_authority_file`.
    public var certificateAuthority: [PEMText] = []

    // MARK: Service addresses
    /// Nil: see ``ConfigSnapshot/authenticateURL``.
    public var authenticateServiceURL: AbsoluteURL?
    public var signoutRedirectURL: AbsoluteURL?

    // MARK: Storage
    public var databrokerStorageType = StorageType.file
    public var databrokerStorageConnectionString: String?

    // MARK: Identity provider
    /// `embedded`, or a name of the reference.
    public var idpProvider = "embedded"
    /// Nil takes the provider's own default.
    public var idpProviderURL: AbsoluteURL?
    public var idpClientID = ""
    public var idpClientSecret = ""
    /// Nil takes the provider's defaults.
    public var idpScopes: [String]?
    /// Nil takes the provider's defaults.
    public var idpRequestParams: [String: String]?

    // MARK: Identity to upstreams
    public var passIdentityHeaders = false
    public var jwtClaimsHeaders: [ClaimHeader] = []
    public var jwtIssuerFormat = IssuerFormat.hostOnly

    // MARK: Headers, paths, client address
    /// Nil: the defaults, see ``responseHeaders``. Empty after `disable`.
    public var setResponseHeaders: [HeaderSetting]?
    public var skipXFFAppend = false
    public var xffNumTrustedHops = 0
    public var normalizePath = true
    public var mergeSlashes = true
    public var pathWithEscapedSlashesAction = PathNormalizer.EscapedSlashes.reject
    public var headersWithUnderscoresAction = UnderscoreAction.rejectRequest
    /// Lower-case tokens of `Upgrade`.
    public var allowUpgrades: [String] = []
    public var programmaticRedirectDomainWhitelist: [String] = ["localhost"]

    // MARK: Timeouts
    public var timeoutRead: Int64 = 30_000_000_000
    public var timeoutWrite: Int64 = 0
    public var timeoutIdle: Int64 = 300_000_000_000
    public var defaultUpstreamTimeout: Int64 = 30_000_000_000

    // MARK: Upstream names
    public var dnsLookupFamily = DNSLookupFamily.v4Preferred
    public var dnsRefreshRate: Int64 = 5_000_000_000
    /// Nil takes that of `dns_refresh_rate`.
    public var dnsFailureRefreshRate: Int64?
    public var dnsQueryTimeout: Int64 = 5_000_000_000

    // MARK: Logging
    public var logLevel = LogLevel.info
    /// Nil follows `log_level`.
    public var proxyLogLevel: LogLevel?
    public var accessLogFields: [String] = LogFields.accessDefaults
    public var authorizeLogFields: [String] = LogFields.authorizeDefaults

    // MARK: Decision log
    /// Decisions kept; 0 keeps none.
    public var decisionLogMaxRecords = 10_000
    public var decisionLogRetention: Int64 = 7 * 24 * 3600 * 1_000_000_000
    /// Keeps decisions that let a request through, too.
    public var decisionLogAllowed = false
    /// A candidate configuration whose policies are watched beside those in force.
    public var shadowConfigFile: String?
    /// E-mail addresses.
    public var administrators: [String] = []

    // MARK: Metrics
    /// Nil: metrics are not served.
    public var metricsAddress: ListenAddress?
    public var metricsBasicAuth: BasicCredentials?

    // MARK: Switches
    public var runtimeFlags = RuntimeFlags()
    public var circuitBreakerThresholds = CircuitBreakerThresholds()

    public init() {}

    public static let defaultResponseHeaders = [
        HeaderSetting(name: "X-Frame-Options", value: "SAMEORIGIN"),
        HeaderSetting(name: "X-XSS-Protection", value: "1; mode=block"),
        HeaderSetting(name: "Strict-Transport-Security", value: "max-age=31536000; includeSubDomains; preload"),
    ]

    /// The headers of every answer, the product's own pages included.
    ///
    /// Without a certificate of the operator's the defaults have no HSTS: browsers would refuse the self-signed one for a year to come.
    public var responseHeaders: [HeaderSetting] {
        if let setResponseHeaders { return setResponseHeaders }
        return Self.defaultResponseHeaders.filter { !certificates.isEmpty || $0.name != "Strict-Transport-Security" }
    }

    /// How request paths are brought into their normal form.
    public var pathNormalizer: PathNormalizer {
        PathNormalizer(normalizesPath: normalizePath, mergesSlashes: mergeSlashes, escapedSlashes: pathWithEscapedSlashesAction)
    }
}
