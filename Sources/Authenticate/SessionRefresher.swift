public import IdentityProviders
public import Logging
public import Records

/// Asks identity providers again before access tokens end, so that a session follows what becomes of its person there.
///
/// What the provider says replaces claims and tokens as a whole: a group that was taken away is gone (the lesson of CVE-2021-41230). A provider
/// that refuses ends the session; one that cannot be reached changes nothing, and the session's own end stays where it was.
public actor SessionRefresher {
    /// Between two passes over the sessions.
    public static let interval: Duration = .seconds(15)
    /// Seconds before the end of the access token at which it is renewed.
    static let margin: Int64 = 60
    /// Seconds until the next try for a session whose provider could not be asked.
    static let pause: Int64 = 30

    private let providers: [String: any IdentityProvider]
    private let store: any RecordStore
    private let clock: WallClock
    private let logger: Logger
    /// When a session may be tried again; forgotten once that time is over.
    private var retries: [String: Int64] = [:]

    public init(providers: [any IdentityProvider], store: any RecordStore, clock: WallClock, logger: Logger) {
        self.providers = Dictionary(providers.map { ($0.id, $0) }) { first, _ in first }
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Looks at every session once, and renews those that are due. Storage faults end the pass; the next one goes on.
    public func pass() async {
        let now = clock.seconds
        retries = retries.filter { $0.value > now }
        var last: String?
        do {
            while !Task.isCancelled {
                let sessions = try await store.list(Session.self, after: last, limit: 200)
                for session in sessions where isDue(session, now: now) { try await refresh(session) }
                guard let end = sessions.last?.id else { return }
                last = end
            }
        } catch {
            logger.warning("sessions cannot be refreshed", metadata: ["error": "\(error)"])
        }
    }

    private func isDue(_ session: Session, now: Int64) -> Bool {
        guard session.tokens.refreshToken != nil, let end = session.tokens.accessTokenExpiresAt, session.expiresAt > now else { return false }
        return now >= end - Self.margin && retries[session.id] == nil
    }

    private func refresh(_ session: Session) async throws {
        guard let provider = providers[session.providerID] else { return }
        do {
            let person = try await provider.refresh(session.tokens, subject: session.userID)
            var renewed = session
            renewed.claims = person.claims
            renewed.tokens = person.tokens
            // A provider whose tokens live for less than the margin is not asked on every pass.
            retries[session.id] = clock.seconds + Self.pause
            guard try await store.replaceIfPresent(renewed) else { return }
            try await store.put(User(id: person.subject, name: person.name, email: person.email, claims: person.claims))
        } catch IdentityProviderError.grantRefused(let code, _) {
            try await store.delete(Session.self, id: session.id)
            logger.info(
                "the identity provider ended a session",
                metadata: ["session-id": "\(session.id)", "user-id": "\(session.userID)", "provider": "\(provider.name)", "error": "\(code)"])
        } catch let error as IdentityProviderError {
            retries[session.id] = clock.seconds + Self.pause
            logger.warning(
                "a session could not be refreshed",
                metadata: ["session-id": "\(session.id)", "provider": "\(provider.name)", "error": "\(error)"])
        }
    }
}
