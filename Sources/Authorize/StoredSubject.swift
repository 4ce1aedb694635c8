public import PolicyLanguage
public import Records

/// What the store knows of one person, for asking what they may do. Reads only, so it may run beside a server.
public struct StoredSubject: Sendable {
    /// As policies see them, as long as the question is asked: not ended by the end of a session.
    public let principal: Principal
    /// The newest session that still counts; nil: they would have to sign in first.
    public let session: Session?

    /// Looks for a user's id or e-mail address (letter case of ASCII does not count), among those who have signed in and those of the embedded
    /// identity provider; nil if there is nobody. `now` in unix seconds.
    public static func find(_ name: String, in store: any RecordStore, now: Int64) async throws -> StoredSubject? {
        var user = try await store.get(User.self, id: name)
        if user == nil { user = try await first(User.self, in: store) { same($0.email, name) } }
        if let found = user {
            var newest: Session?
            var known: Session?
            try await forEach(Session.self, in: store) { session in
                guard session.userID == found.id else { return }
                if session.issuedAt >= known?.issuedAt ?? .min { known = session }
                if session.isValid(at: now), session.issuedAt >= newest?.issuedAt ?? .min { newest = session }
            }
            var effective = newest ?? known ?? Session(id: "", userID: found.id, providerID: "", issuedAt: now, expiresAt: .max)
            if newest == nil, known == nil { effective.claims = try await claims(ofLocal: found.email, in: store) }
            effective.expiresAt = .max
            return StoredSubject(principal: ActiveSession(session: effective, user: found).principal, session: newest)
        }
        guard let local = try await first(LocalUser.self, in: store, where: { same($0.email, name) || $0.subject == name }) else { return nil }
        let session = Session(
            id: "", userID: local.subject, providerID: "", issuedAt: now, expiresAt: .max, claims: try await claims(ofLocal: local.email, in: store))
        let described = User(id: local.subject, name: local.name, email: local.email)
        return StoredSubject(principal: ActiveSession(session: session, user: described).principal, session: nil)
    }

    /// What the embedded identity provider would say at the next sign-in.
    private static func claims(ofLocal email: String, in store: any RecordStore) async throws -> Claims {
        guard let local = try await first(LocalUser.self, in: store, where: { same($0.email, email) }) else { return [:] }
        return ["groups": local.groups.map { .string($0) }, "name": [.string(local.name)], "email": [.string(local.email)]]
    }

    private static func same(_ left: String, _ right: String) -> Bool {
        !right.isEmpty && FactText(left).equalsIgnoringASCIICase(FactText(right))
    }

    private static func first<Value: StoredRecord>(
        _ type: Value.Type, in store: any RecordStore, where matches: (Value) -> Bool
    ) async throws -> Value? {
        var found: Value?
        try await forEach(type, in: store) { if found == nil, matches($0) { found = $0 } }
        return found
    }

    /// A page at a time: the store may hold many.
    private static func forEach<Value: StoredRecord>(
        _ type: Value.Type, in store: any RecordStore, _ body: (Value) -> Void
    ) async throws {
        var after: String?
        while true {
            let page = try await store.list(type, after: after, limit: 500)
            page.forEach(body)
            guard page.count == 500, let last = page.last else { return }
            after = last.recordID
        }
    }
}
