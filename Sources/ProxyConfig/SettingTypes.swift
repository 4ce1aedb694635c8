public import Diagnostics

/// `cookie_same_site`.
public enum SameSitePolicy: String, Sendable, Hashable, CaseIterable {
    case strict, lax, none
}

/// `databroker_storage_type`.
public enum StorageType: String, Sendable, Hashable, CaseIterable {
    case memory
    /// A database file in the data directory, or where the connection string (`file:///path`) says.
    case file
    case postgres
}

/// `headers_with_underscores_action`.
public enum UnderscoreAction: String, Sendable, Hashable, CaseIterable {
    case rejectRequest = "reject_request"
    case allow
    case dropHeader = "drop_header"
}

/// `dns_lookup_family`: which addresses of an upstream are used.
public enum DNSLookupFamily: String, Sendable, Hashable, CaseIterable {
    case auto = "AUTO"
    case v4Only = "V4_ONLY"
    case v6Only = "V6_ONLY"
    case v4Preferred = "V4_PREFERRED"
    case all = "ALL"
}

/// `log_level` and `proxy_log_level`, in rising order.
public enum LogLevel: String, Sendable, Hashable, CaseIterable, Comparable {
    case trace, debug, info, warning, error, critical
    /// Nothing is logged.
    case off

    public static func < (lhs: LogLevel, rhs: LogLevel) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A header that is set to a fixed value. Both parts are legal in HTTP.
public struct HeaderSetting: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// User name and password (RFC 7617).
public struct BasicCredentials: Sendable, Hashable {
    public var user: String
    public var password: String

    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }
}

/// One entry of `jwt_claims_headers`.
public struct ClaimHeader: Sendable, Hashable {
    public var header: String
    public var claim: String

    public init(header: String, claim: String) {
        self.header = header
        self.claim = claim
    }
}

/// PEM text with the place it comes from, for problems that only its reader can find.
public struct PEMText: Sendable, Hashable {
    public var pem: String
    public var position: SourcePosition

    public init(pem: String, position: SourcePosition) {
        self.pem = pem
        self.position = position
    }
}

/// A server certificate with its key, not looked into yet.
public struct ConfiguredCertificate: Sendable, Hashable {
    public var certificate: PEMText
    public var key: PEMText

    public init(certificate: PEMText, key: PEMText) {
        self.certificate = certificate
        self.key = key
    }
}

/// `runtime_flags` that change what the product does.
public struct RuntimeFlags: Sendable, Hashable {
    /// The file and what it names are read again when they change.
    public var configHotReload = true
    /// `/.pomerium/jwt` returns the assertion.
    public var pomeriumJWTEndpoint = false
    public var refreshSessionAtIDTokenExpiration = true
    public var allowAnySignOutRedirectURI = false
    /// The `/.pomerium/routes` page.
    public var routesPortal = true

    public init() {}
}
