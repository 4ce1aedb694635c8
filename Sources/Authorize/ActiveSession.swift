public import PolicyLanguage
public import Records

/// A session in memory with everything that its requests need, prepared once.
public final class ActiveSession: Sendable {
    public let session: Session
    public let user: User?
    /// What policies see.
    public let principal: Principal
    /// Groups for policies and for the assertion: from the identity provider's `groups` claim.
    public let groups: [String]
    /// When the session stops counting (unix seconds): asked for with every request, and not worth a copy of the record.
    private let endsAt: Int64

    public init(session: Session, user: User?) {
        self.session = session
        self.user = user
        endsAt = session.endsAt
        groups = (session.claims["groups"] ?? user?.claims["groups"] ?? []).map(\.text)
        let claims = session.claims.merging(user?.claims ?? [:]) { _, user in user }
        principal = Principal(
            sessionID: session.id, userID: session.userID, email: user?.email ?? "",
            claims: claims.mapValues { $0.map(\.policyValue) }, groups: groups,
            deviceCredentials: session.deviceCredentials.map { DeviceCredential(typeID: $0.typeID, credentialID: $0.credentialID) },
            expiresAt: UnixTime(seconds: session.expiresAt))
    }

    /// Whether the session still counts at this moment (unix seconds).
    public func isValid(at now: Int64) -> Bool { now < endsAt }

    public var email: String { user?.email ?? "" }

    /// Session claim `name`, else the user's, else empty.
    public var displayName: String {
        session.claims.joined("name") ?? user?.claims.joined("name") ?? user?.name ?? ""
    }

    /// A claim for headers and assertion: the session's value, else the user's; nil when neither has one.
    public func claim(_ name: String) -> String? {
        session.claims.joined(name) ?? user?.claims.joined(name)
    }
}

extension Records.ClaimValue {
    fileprivate var policyValue: PolicyLanguage.ClaimValue {
        switch self {
        case .string(let value): .string(value)
        case .integer(let value): .int(Int(value))
        case .number(let value): .double(value)
        case .bool(let value): .bool(value)
        }
    }
}
