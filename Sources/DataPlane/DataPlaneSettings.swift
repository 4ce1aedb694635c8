public import HTTPWire
public import Observability

/// What the data plane needs to know of the configuration besides the routes. All times are nanoseconds; 0 switches a limit off.
public struct DataPlaneSettings: Sendable {
    /// What happens to a request with a field name that contains `_`. Raw values are the spellings of the configuration.
    public enum UnderscoreNames: String, Sendable, CaseIterable {
        case reject = "reject_request"
        case allow
        case drop = "drop_header"
    }

    /// Bounds on request and response messages.
    public var limits = HTTPLimits()
    /// Until a request is complete, from its first byte (`timeout_read`); exceeded: 408.
    public var requestReadTimeout: Int64 = 30_000_000_000
    /// A connection without requests is closed after this time (`timeout_idle`).
    public var connectionIdleTimeout: Int64 = 300_000_000_000
    /// Until the TLS handshake of a client is done.
    public var handshakeTimeout: Int64 = 10_000_000_000
    /// Every connection begins with a PROXY header that says whose it is (`use_proxy_protocol`).
    public var requiresProxyProtocol = false
    /// Until that header is complete.
    public var proxyHeaderTimeout: Int64 = 10_000_000_000
    /// Longest life of one request with its response (`timeout_write`); off by default.
    public var streamDurationLimit: Int64 = 0
    /// Until the authorizer has loaded what a decision needs; exceeded: 503.
    public var authorizationTimeout: Int64 = 10_000_000_000
    /// For TCP and TLS towards an upstream together.
    public var connectTimeout: Int64 = 10_000_000_000
    /// How names of upstreams become addresses.
    public var names = NameResolution()
    /// How long an unused upstream connection is kept.
    public var upstreamIdleTimeout: Int64 = 60_000_000_000
    /// Unused upstream connections kept per target and event loop.
    public var idleUpstreamConnections = 64
    /// Connections per target and event loop; beyond them requests are answered 503 `{overflow}`.
    public var upstreamConnections = 1024
    /// After the last byte of a response on a connection that ends: how long the client may take to read it and to close.
    public var lingerTimeout: Int64 = 2_000_000_000
    /// Bytes of a request to one of the product's own endpoints; more is answered 413.
    public var controlBodyLimit = 64 * 1024

    public var underscoreNames = UnderscoreNames.reject
    public var pathNormalizer = PathNormalizer()
    /// Proxies in front of this one whose `X-Forwarded-For` entries are believed (`xff_num_trusted_hops`).
    public var trustedHops = 0
    /// Leave `X-Forwarded-For` as received (`skip_xff_append`).
    public var skipsForwardedForAppend = false
    public var accessLogFields = AccessLogField.defaults
    /// Whether `/ping` and `/healthz` are logged, at level debug.
    public var logsProbes = false
    /// Host of `authenticate_service_url`, lower case, without port; everything on it is answered by our own endpoints.
    public var authenticateHost = ""
    /// Requests at a time on one HTTP/2 connection of a client.
    public var maxConcurrentStreams = 100
    /// Client connections in all (`max_client_connections`); more are closed at once.
    public var maxConnections = 50_000
    /// Client connections of one address (`max_client_connections_per_address`); 0 is any number.
    public var maxConnectionsPerAddress = 0

    public init() {}
}
