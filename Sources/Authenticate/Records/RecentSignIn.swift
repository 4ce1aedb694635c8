import Records

/// Which session a browser got for a person a moment ago.
struct RecentSignIn: StoredRecord, Equatable {
    static let recordType = "recent-sign-in"
    /// Seconds; long enough for tabs that finish at the same moment.
    static let lifetime: Int64 = 60

    /// Digest of browser cookie, provider and person.
    var id: String
    var sessionID: String
    /// Unix seconds.
    var expiresAt: Int64

    var recordID: String { id }
    var recordExpiresAt: Int64? { expiresAt }
}
