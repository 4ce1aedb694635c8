import Records

/// What is left of a session between its end on a route host and the sign-out at its provider.
struct EndedSession: StoredRecord, Equatable {
    static let recordType = "ended-session"
    /// Seconds; it is one redirect.
    static let lifetime: Int64 = 300

    var id: String
    var sessionID: String
    var providerID: String
    var tokens: ProviderTokens
    /// Unix seconds.
    var expiresAt: Int64

    var recordID: String { id }
    var recordExpiresAt: Int64? { expiresAt }
}
