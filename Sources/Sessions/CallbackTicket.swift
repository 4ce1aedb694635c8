public import KeyMaterial

/// The authenticate host's answer: this browser may have a cookie for this session on this host.
///
/// Sealed with the route's host as context, bound to the browser that asked, good for one use within ``lifetime``.
public struct CallbackTicket: Sendable, Codable, Equatable {
    public var id: String
    public var request: SignInRequest
    public var sessionID: String
    public var providerID: String
    /// Unix seconds: the session's end.
    public var sessionExpiresAt: Int64
    /// Unix seconds: the ticket's end.
    public var expiresAt: Int64

    public static let parameter = "pomerium_ticket"
    /// Seconds between issue and use; it is one redirect.
    public static let lifetime: Int64 = 60

    public init(id: String, request: SignInRequest, sessionID: String, providerID: String, sessionExpiresAt: Int64, expiresAt: Int64) {
        self.id = id
        self.request = request
        self.sessionID = sessionID
        self.providerID = providerID
        self.sessionExpiresAt = sessionExpiresAt
        self.expiresAt = expiresAt
    }

    /// `host` is the route's host name without port.
    public func sealed(with keys: KeyRing, host: String) throws -> String {
        try keys.seal(json: self, for: .callbackTicket, context: host)
    }

    /// Does not look at the expiry: an expired ticket still tells where the person wanted to go.
    public static func open(_ token: String, with keys: KeyRing, host: String) -> CallbackTicket? {
        keys.open(CallbackTicket.self, from: token, for: .callbackTicket, context: host)
    }
}
