public import KeyMaterial

/// What the session cookie says once opened: which session, on which host. All else is in the record.
///
/// The cookie's value is sealed (AES-256-GCM) with the scope as associated data, so a value captured on one host opens on no other one.
public struct SessionHandle: Sendable, Codable, Equatable {
    public var sessionID: String
    public var providerID: String
    /// Unix seconds; the handle is void afterwards whatever the record says.
    public var expiresAt: Int64

    enum CodingKeys: String, CodingKey {
        case sessionID = "s"
        case providerID = "p"
        case expiresAt = "e"
    }

    public init(sessionID: String, providerID: String, expiresAt: Int64) {
        self.sessionID = sessionID
        self.providerID = providerID
        self.expiresAt = expiresAt
    }

    /// `scope` is the host name the cookie is for, or the cookie domain where one is configured: ``CookieSettings/scope(host:)``.
    public func sealed(with keys: KeyRing, scope: String) throws -> String {
        try keys.seal(json: self, for: .sessionHandle, context: scope)
    }

    /// Nil for anything forged, foreign, expired or bound to another scope.
    public static func open(_ token: some Collection<UInt8>, with keys: KeyRing, scope: String, now: Int64) -> SessionHandle? {
        guard let bytes = keys.open(token, for: .sessionHandle, context: scope), let handle = decode(bytes), now < handle.expiresAt else {
            return nil
        }
        return handle
    }

    public static func open(_ token: String, with keys: KeyRing, scope: String, now: Int64) -> SessionHandle? {
        open(Array(token.utf8), with: keys, scope: scope, now: now)
    }
}
