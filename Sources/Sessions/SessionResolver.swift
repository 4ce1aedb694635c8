public import HTTPEndpoints
public import KeyMaterial
public import Records

/// A live session with its user.
public struct ResolvedSession: Sendable {
    public var session: Session
    public var user: User?

    public init(session: Session, user: User?) {
        self.session = session
        self.user = user
    }
}

/// Finds the session of a request for one of the product's own pages. The byte path has a cached way of its own.
public struct SessionResolver: Sendable {
    public let store: any RecordStore
    public let keys: KeyRing
    public let cookies: CookieSettings
    public let clock: WallClock

    public init(store: any RecordStore, keys: KeyRing, cookies: CookieSettings, clock: WallClock) {
        self.store = store
        self.keys = keys
        self.cookies = cookies
        self.clock = clock
    }

    /// The session of the route cookie on this host. Every cookie of the name is tried, as a parent domain may have planted another one.
    ///
    /// Throws a storage fault only; nil means signed out.
    public func routeSession(of request: ControlRequest) async throws -> ResolvedSession? {
        try await resolve(request.cookies(named: cookies.sessionName), scope: cookies.scope(host: request.host))
    }

    /// The session of the authenticate host's cookie.
    public func authenticateSession(of request: ControlRequest) async throws -> ResolvedSession? {
        try await resolve(request.cookies(named: cookies.authenticateName), scope: Self.authenticateScope(request.host))
    }

    /// Scope of the authenticate host's own cookie: never shared, whatever `cookie_domain` says.
    public static func authenticateScope(_ host: String) -> String { "authenticate:\(host)" }

    private func resolve(_ values: [String], scope: String) async throws -> ResolvedSession? {
        let now = clock.seconds
        for value in values.prefix(8) {
            guard let handle = SessionHandle.open(value, with: keys, scope: scope, now: now) else { continue }
            guard let session = try await store.get(Session.self, id: handle.sessionID), session.isValid(at: now) else { continue }
            return ResolvedSession(session: session, user: try await store.get(User.self, id: session.userID))
        }
        return nil
    }
}
