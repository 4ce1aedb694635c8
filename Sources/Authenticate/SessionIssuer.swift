import HTTPEndpoints
import IdentityProviders
import KeyMaterial
import Records
import Sessions

/// Turns a person whom a provider vouched for into a session of this browser.
///
/// A browser has one session record however many tabs signed in: who is signed in already keeps the record, and tabs that finish at the same
/// moment agree on one of theirs.
struct SessionIssuer: Sendable {
    let context: AuthenticateContext

    /// Stores session and user; the cookie makes the session the authenticate host's.
    func issue(for person: VerifiedPerson, provider: any IdentityProvider, request: ControlRequest) async throws -> (Session, ResponseCookie) {
        let now = context.clock.seconds
        let current = try await context.resolver.authenticateSession(of: request)?.session
        let kept = current.flatMap { $0.userID == person.subject && $0.providerID == provider.id ? $0 : nil }
        var session = Session(
            id: kept?.id ?? RandomToken.text(), userID: person.subject, providerID: provider.id, issuedAt: now,
            expiresAt: now + context.cookies.lifetime, claims: person.claims, tokens: person.tokens,
            deviceCredentials: kept?.deviceCredentials ?? [])
        let user = User(id: person.subject, name: person.name, email: person.email, claims: person.claims)
        try await context.store.put([Record(user), Record(session)])
        if let current, kept == nil, current.providerID == provider.id {
            // Somebody else signs in with this browser: the session before must not live on in its cookies. One of another provider may:
            // routes can want different ones.
            try await context.store.delete(Session.self, id: current.id)
        }
        if kept == nil { session = try await agreed(session, request: request) }
        return (session, try cookie(for: session, request: request))
    }

    func cookie(for session: Session, request: ControlRequest) throws -> ResponseCookie {
        let handle = SessionHandle(sessionID: session.id, providerID: session.providerID, expiresAt: session.expiresAt)
        return ResponseCookie(
            name: context.cookies.authenticateName,
            value: try handle.sealed(with: context.keys, scope: SessionResolver.authenticateScope(request.host)),
            maxAge: max(0, session.expiresAt - context.clock.seconds), sameSite: .lax)
    }

    /// Of several sign-ins of one person in one browser within a minute, the first one's session serves all.
    private func agreed(_ session: Session, request: ControlRequest) async throws -> Session {
        guard let browser = request.cookies(named: context.cookies.browserName).first else { return session }
        let mark = RecentSignIn(
            id: RandomToken.digest("\(browser)|\(session.providerID)|\(session.userID)"), sessionID: session.id,
            expiresAt: context.clock.seconds + RecentSignIn.lifetime)
        if try await context.store.insertIfAbsent(mark) { return session }
        guard let earlier = try await context.store.get(RecentSignIn.self, id: mark.id),
            let other = try await context.store.get(Session.self, id: earlier.sessionID), other.isValid(at: context.clock.seconds),
            other.userID == session.userID, other.providerID == session.providerID
        else {
            // Signed out in between: the mark points nowhere any more.
            try await context.store.put(mark)
            return session
        }
        try await context.store.delete(Session.self, id: session.id)
        return other
    }
}
