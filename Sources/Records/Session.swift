/// A signed-in browser. Deleting the record signs it out everywhere at once.
public struct Session: StoredRecord, Equatable {
    public static let recordType = "session"

    public var id: String
    public var userID: String
    /// `IdentityProvider` that vouched; a session of one provider is none for a route that wants another.
    public var providerID: String
    /// Unix seconds.
    public var issuedAt: Int64
    /// Unix seconds: sign-in plus `cookie_expire`. Not sliding.
    public var expiresAt: Int64
    /// Session claims as of the last sign-in or refresh; replaced as a whole, never merged.
    public var claims: Claims
    public var tokens: ProviderTokens
    public var deviceCredentials: [DeviceCredentialReference]

    public struct DeviceCredentialReference: Sendable, Codable, Equatable {
        public var typeID: String
        public var credentialID: String

        public init(typeID: String, credentialID: String) {
            self.typeID = typeID
            self.credentialID = credentialID
        }
    }

    public init(
        id: String, userID: String, providerID: String, issuedAt: Int64, expiresAt: Int64, claims: Claims = [:],
        tokens: ProviderTokens = ProviderTokens(), deviceCredentials: [DeviceCredentialReference] = []
    ) {
        self.id = id
        self.userID = userID
        self.providerID = providerID
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.claims = claims
        self.tokens = tokens
        self.deviceCredentials = deviceCredentials
    }

    public var recordID: String { id }
    public var recordExpiresAt: Int64? { expiresAt }

    /// Whether the session still counts at this moment (unix seconds).
    public func isValid(at now: Int64) -> Bool { now < endsAt }

    /// When it stops counting, if nobody ends it before (unix seconds).
    public var endsAt: Int64 {
        guard tokens.endsWithAccessToken, let accessExpiry = tokens.accessTokenExpiresAt else { return expiresAt }
        return min(expiresAt, accessExpiry)
    }
}

/// Tokens of the identity provider. They never appear on a page, in a log or in a cookie.
public struct ProviderTokens: Sendable, Codable, Equatable {
    public var idToken: String?
    public var accessToken: String?
    public var refreshToken: String?
    /// Unix seconds.
    public var accessTokenExpiresAt: Int64?
    /// True where the session must not outlive the access token, because nothing can refresh it.
    public var endsWithAccessToken: Bool

    public init(
        idToken: String? = nil, accessToken: String? = nil, refreshToken: String? = nil, accessTokenExpiresAt: Int64? = nil,
        endsWithAccessToken: Bool = false
    ) {
        self.idToken = idToken
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.accessTokenExpiresAt = accessTokenExpiresAt
        self.endsWithAccessToken = endsWithAccessToken
    }
}
