/// A person as an identity provider described them at their last sign-in.
public struct User: StoredRecord, Equatable {
    public static let recordType = "user"

    /// The provider's subject.
    public var id: String
    public var name: String
    public var email: String
    public var claims: Claims

    public init(id: String, name: String = "", email: String = "", claims: Claims = [:]) {
        self.id = id
        self.name = name
        self.email = email
        self.claims = claims
    }

    public var recordID: String { id }
}

/// A user of the embedded identity provider.
public struct LocalUser: StoredRecord, Equatable {
    public static let recordType = "local-user"

    /// Stable subject; survives a change of the e-mail address.
    public var subject: String
    /// Lower case; the key.
    public var email: String
    public var name: String
    public var groups: [String]
    /// `$scrypt$…`
    public var passwordHash: String
    /// Unix seconds of the last change of the password; sign-ins remembered from before do not count any more.
    public var passwordChangedAt: Int64

    public init(subject: String, email: String, name: String, groups: [String], passwordHash: String, passwordChangedAt: Int64) {
        self.subject = subject
        self.email = email
        self.name = name
        self.groups = groups
        self.passwordHash = passwordHash
        self.passwordChangedAt = passwordChangedAt
    }

    public var recordID: String { email }
}

/// Remembers that a single-use value was used, until it would have expired by itself.
public struct UsedToken: StoredRecord, Equatable {
    public static let recordType = "used-token"

    public var id: String
    /// Unix seconds.
    public var expiresAt: Int64

    public init(id: String, expiresAt: Int64) {
        self.id = id
        self.expiresAt = expiresAt
    }

    public var recordID: String { id }
    public var recordExpiresAt: Int64? { expiresAt }
}
