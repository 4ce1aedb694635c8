/// One entry of a route's `to`.
public struct UpstreamTarget: Sendable, Hashable {
    public enum Scheme: String, Sendable, Hashable {
        case http
        case https
        /// HTTP/2 without TLS.
        case h2c
        /// No HTTP: the service behind a `tcp+https` route.
        case tcp
        /// HTTP/1.1 over a socket file.
        case unix
        /// The same inside TLS.
        case unixTLS = "https+unix"
        /// An application inside this process, such as `builtin://verify`; the host names it.
        case builtin
    }

    public var scheme: Scheme
    /// Host name or IP literal without brackets; the path of a socket file.
    public var host: String
    public var port: UInt16
    /// `host[:port]` exactly as written, the default `Host` towards the upstream. Empty for a socket file, which has no name: there the default is
    /// the name that the visitor used.
    public var authority: String
    /// Relative share; all targets of a route have one or none has.
    public var weight: UInt32?

    public init(scheme: Scheme, host: String, port: UInt16, authority: String, weight: UInt32? = nil) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.authority = authority
        self.weight = weight
    }

    public var usesTLS: Bool { scheme == .https || scheme == .unixTLS }

    /// `host` is the path of a socket file.
    public var isSocketFile: Bool { scheme == .unix || scheme == .unixTLS }
}

/// How to speak TLS to the upstreams of a route.
public struct UpstreamTLSSettings: Sendable, Hashable {
    /// `tls_skip_verify`
    public var skipVerify = false
    /// `tls_upstream_server_name`: server name indication and expected name.
    public var serverName: String?
    /// PEM text of `tls_custom_ca(_file)`; replaces system roots and `certificate_authority`.
    public var customCA: String?
    /// PEM text of `tls_client_cert(_file)` and its key.
    public var clientCertificate: String?
    public var clientKey: String?

    public init() {}
}
