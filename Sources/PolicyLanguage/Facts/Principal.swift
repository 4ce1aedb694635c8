/// Who is asking: everything policies read about one session or service account.
///
/// Made once when a session is loaded and shared by all its requests; what criteria compare is prepared here, so that a decision allocates nothing.
public final class Principal: Sendable {
    public enum Kind: String, Sendable {
        case session
        case serviceAccount = "service_account"
    }

    public let kind: Kind
    /// Id of the session or service account.
    public let sessionID: String
    public let userID: String
    /// E-mail of the user record, empty if there is none.
    public let email: String
    /// E-mail of the directory record, which wins over ``email`` where it is not empty.
    public let directoryEmail: String?
    /// Session claims overlaid by the user's claims of the same name.
    public let claims: [String: [ClaimValue]]
    /// Group ids of the directory record; nil if there is no record, which is not the same as a record without groups.
    public let groups: [String]?
    public let deviceCredentials: [DeviceCredential]
    /// From this moment on the principal counts as missing.
    public let expiresAt: UnixTime?

    /// The user's id.
    public let userIDText: FactText
    /// The e-mail that policies see; empty if unknown.
    public let emailText: FactText
    /// As ``emailText``, ASCII letters small.
    public let foldedEmailText: FactText
    /// What follows the last `@` of the e-mail, ASCII letters small; nil without one.
    public let domainText: FactText?
    /// What precedes the last `@` of the e-mail; nil without one, or if it is empty.
    public let mailboxText: FactText?
    let groupTexts: Set<FactText>

    public init(
        kind: Kind = .session, sessionID: String, userID: String, email: String = "", directoryEmail: String? = nil,
        claims: [String: [ClaimValue]] = [:], groups: [String]? = nil, deviceCredentials: [DeviceCredential] = [], expiresAt: UnixTime? = nil
    ) {
        self.kind = kind
        self.sessionID = sessionID
        self.userID = userID
        self.email = email
        self.directoryEmail = directoryEmail
        self.claims = claims
        self.groups = groups
        self.deviceCredentials = deviceCredentials
        self.expiresAt = expiresAt
        let effective = FactText(directoryEmail.flatMap { $0.isEmpty ? nil : $0 } ?? email)
        self.userIDText = FactText(userID)
        self.emailText = effective
        self.foldedEmailText = effective.asciiLowercased
        let at = effective.lastIndex(of: UInt8(ascii: "@"))
        self.domainText = at.map { effective.slice($0 + 1..<effective.count).asciiLowercased }
        self.mailboxText = at.flatMap { $0 > 0 ? effective.slice(0..<$0) : nil }
        self.groupTexts = Set((groups ?? []).map { FactText($0) })
    }

    /// Whether the principal may still be used at `now`.
    public func isUsable(at now: UnixTime) -> Bool { expiresAt.map { $0 >= now } ?? true }

    /// Whether the directory record holds this group id.
    public func isMember(of group: FactText) -> Bool { groupTexts.contains(group) }
}
