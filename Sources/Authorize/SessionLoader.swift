import HTTPWire
import KeyMaterial
import Records
import Routing
import Sessions

/// Session token to session, for one event loop: a token seen before costs one hash look-up, no cryptography.
///
/// Not shared between loops. What it copied is dropped as a whole when the directory's epoch grows.
final class SessionLoader {
    /// Tokens remembered per loop.
    static let capacity = 8192
    /// More tokens than this in one request are not looked at.
    static let maximumTokens = 8

    enum Finding {
        case anonymous
        case active(CachedSession)
        /// Handles whose sessions are not in memory.
        case unknown([SessionHandle])
        case unavailable(String)
    }

    private var cache: [TokenKey: CachedSession] = [:]
    private var epoch: UInt64 = 0
    private let directory: SessionDirectory
    private let settings: AuthorizeSettings
    /// Made once: it would be a new text with every request.
    private let cookieName: String

    init(directory: SessionDirectory, settings: AuthorizeSettings) {
        self.directory = directory
        self.settings = settings
        cookieName = settings.cookies.sessionName
    }

    /// The first token of the request that stands for a live session. `now` in unix seconds.
    func find(_ request: AuthorizationRequest, loaded: LoadedSessions?, now: Int64) -> Finding {
        let current = directory.epoch
        if current != epoch {
            cache.removeAll(keepingCapacity: true)
            epoch = current
        }
        var unknown: [SessionHandle] = []
        var tokens = SessionTokens(request.head, cookieName: cookieName)
        var seen = 0
        while let token = tokens.next(), seen < Self.maximumTokens {
            seen += 1
            let key = TokenKey(token: token, host: request.host)
            if let cached = cache[key] {
                if cached.active.isValid(at: now) { return .active(cached) }
                cache[key] = nil
                continue
            }
            guard let handle = open(token, host: request.host, now: now) else { continue }
            if let active = directory.known(handle.sessionID, at: now) { return .active(remember(active, key)) }
            switch loaded?.results[handle.sessionID] {
            case .active(let active)?: return .active(remember(active, key))
            case .missing?: continue
            case .unavailable(let why)?: return .unavailable(why)
            case nil: unknown.append(handle)
            }
        }
        return unknown.isEmpty ? .anonymous : .unknown(unknown)
    }

    private func open(_ token: ByteView, host: ByteView, now: Int64) -> SessionHandle? {
        guard token.count <= KeyRing.maximumTokenLength else { return nil }
        let scope = settings.cookies.scope(host: host.string)
        guard let handle = SessionHandle.open(token.array, with: settings.keys, scope: scope, now: now) else { return nil }
        return handle.providerID == settings.providerID ? handle : nil
    }

    private func remember(_ active: ActiveSession, _ key: TokenKey) -> CachedSession {
        if cache.count >= Self.capacity { cache.removeAll(keepingCapacity: true) }
        let cached = CachedSession(active)
        cache[TokenKey(token: ByteView(key.token.array), host: ByteView(key.host.array))] = cached
        return cached
    }
}

/// A session with what one loop keeps for it.
final class CachedSession {
    let active: ActiveSession
    var permits = PermitCache()

    init(_ active: ActiveSession) {
        self.active = active
    }
}

/// A token is good on one host; the same bytes on another host are another thing.
struct TokenKey: Hashable {
    var token: ByteView
    var host: ByteView
}

/// The sessions that were asked for, by id.
struct LoadedSessions: LoadedSession {
    var results: [String: SessionLookup]
}

/// Where a session token may stand in a request, in the order of the reference: cookies, `X-Pomerium-Authorization`,
/// `Authorization: Pomerium …`, `Authorization: Bearer Pomerium-…`. A bad one does not hide a good one behind it.
struct SessionTokens {
    private var cookies: CookieFields.NamedValues
    private var step = 0

    init(_ head: RequestHead, cookieName: String) {
        cookies = CookieFields(head).values(named: cookieName)
    }

    mutating func next() -> ByteView? {
        if step == 0 {
            if let value = cookies.next() { return value }
            step = 1
        }
        if step == 1 {
            step = 2
            if let value = cookies.section.value(named: "x-pomerium-authorization") { return value }
        }
        if step == 2 {
            step = 3
            if let value = cookies.section.first(.authorization) { return Self.token(in: value) }
        }
        return nil
    }

    /// Whether any header carries a token of ours, which marks a program: it is never redirected.
    static func hasHeaderToken(_ head: RequestHead) -> Bool {
        head.value(named: "x-pomerium-authorization") != nil || head.first(.authorization).flatMap { token(in: $0) } != nil
    }

    private static func token(in value: ByteView) -> ByteView? {
        for prefix in ["pomerium ", "bearer pomerium-"] {
            let length = prefix.utf8.count
            if value.count > length, value.slice(0..<length).equalsIgnoringCase(ByteView(prefix)) { return value.slice(length..<value.count) }
        }
        return nil
    }
}
