import BrokerStorage
import Decisions
import Diagnostics
import Foundation
import HTTPWire
import KeyMaterial
import LocalReplies
import Observability
import PolicyCriteria
import PolicyLanguage
import Records
import Routing
import Sessions
import Synchronization
import Testing

@testable import Authorize

/// An authorizer for one loop with a store in memory and a clock that stands still.
final class AuthorizeFixture {
    static let host = "app.example.com"
    let time: TestClock
    let store: FlakyStore
    let keys: KeyRing
    let signing: SigningKey
    let cookies: CookieSettings
    let settings: AuthorizeSettings
    let directory: SessionDirectory
    let authorizer: PolicyAuthorizer

    let decisions = DecisionQueue()

    init(cookies: CookieSettings = CookieSettings(), keepsAllowed: Bool = false) throws {
        time = TestClock(seconds: 1_800_000_000)
        store = FlakyStore(MemoryStore(clock: time.clock))
        keys = KeyRing(writing: try #require(RootSecret(Array(repeating: 7, count: 32))))
        signing = try SigningKey.randomP256()
        self.cookies = cookies
        settings = AuthorizeSettings(
            authenticateAuthority: "auth.example.com", cookies: cookies, providerID: "idp", signingKeys: [signing], keys: keys,
            renderer: LocalReplyRenderer(),
            decisions: DecisionRecorder(queue: decisions, keepsAllowed: keepsAllowed, configurationHash: "hash"))
        directory = SessionDirectory(store: store, clock: time.clock)
        authorizer = PolicyAuthorizer(settings: settings, directory: directory, log: LogBuffer(sink: LogSink(descriptor: -1)))
    }

    /// Signs in: records in the store, and the cookie's value for the host.
    func signIn(
        id: String = "s1", email: String = "ann@example.com", groups: [String] = ["eng"], host: String = AuthorizeFixture.host,
        lifetime: Int64 = 3600, provider: String = "idp"
    ) async throws -> String {
        let expires = time.seconds + lifetime
        let session = Session(
            id: id, userID: "u-\(email)", providerID: provider, issuedAt: time.seconds, expiresAt: expires,
            claims: ["groups": groups.map { .string($0) }, "name": [.string("Ann")], "number": [.integer(1_600_000_000)]])
        try await store.put(session)
        try await store.put(User(id: session.userID, name: "Ann", email: email))
        return try SessionHandle(sessionID: id, providerID: provider, expiresAt: expires).sealed(
            with: keys, scope: cookies.scope(host: host))
    }

    /// Decides, loading the session where the authorizer asks for it.
    func decide(_ request: AuthorizationRequest) async throws -> AuthorizationOutcome {
        switch authorizer.authorize(request, loaded: nil) {
        case .decided(let outcome): return outcome
        case .load(let load):
            let loaded = await load()
            guard case .decided(let outcome) = authorizer.authorize(request, loaded: loaded) else {
                throw Failure("asked to load twice")
            }
            return outcome
        }
    }

    func request(
        _ target: String = "/", route: CompiledRoute, method: String = "GET", host: String = AuthorizeFixture.host, headers: [String] = []
    ) throws -> AuthorizationRequest {
        let text = (["\(method) \(target) HTTP/1.1", "Host: \(host)"] + headers + ["", ""]).joined(separator: "\r\n")
        let head = try RequestHead.parse(Array(text.utf8))
        var generator = SystemRandomNumberGenerator()
        return AuthorizationRequest(
            route: route, head: head, host: head.hostName, path: head.pathView, clientAddress: try #require(IPAddress("192.0.2.7")),
            requestID: RequestID(using: &generator), now: time.seconds * 1_000_000_000)
    }

    func cookieHeader(_ value: String) -> String { "Cookie: other=1; \(cookies.sessionName)=\(value)" }

    struct Failure: Error {
        var text: String
        init(_ text: String) { self.text = text }
    }

    static let browser = [
        "Accept: text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document",
    ]

    static func route(
        _ policy: String, passIdentity: Bool = true, claims: [(header: String, claim: String)] = [], set: [(String, String)] = [],
        details: Bool = false, kubernetesToken: String? = nil
    ) throws -> CompiledRoute {
        var report = DiagnosticReport()
        let compiled = try #require(CompiledPolicy.compile(policy, file: "policy", catalog: .standard, report: &report), "\(report.rendered())")
        return CompiledRoute(
            id: "r1", name: "app", definition: RouteDefinition(),
            from: RouteSource(scheme: .https, host: HostPattern(host: host, port: nil), text: "https://\(host)"),
            destination: .upstream([]), access: RouteAccess(policies: [compiled], isPublic: false, showErrorDetails: details),
            identity: IdentityForwarding(
                passIdentityHeaders: passIdentity, issuerFormat: .hostOnly, claimHeaders: claims, kubernetesToken: kubernetesToken),
            requestHeaders: RequestHeaderRules(
                filter: FieldFilter(), set: try set.map { (name: $0.0, value: try HeaderTemplate($0.1)) }, constantLines: set.isEmpty ? [] : nil),
            responseHeaders: ResponseHeaderRules(filter: FieldFilter(), lines: [], rewrites: []), timeout: nil, idleTimeout: nil, upgrades: [])
    }
}

/// A clock that moves when told.
final class TestClock: Sendable {
    private let value: Mutex<Int64>

    init(seconds: Int64) { value = Mutex(seconds * 1_000_000_000) }

    var seconds: Int64 { value.withLock { $0 } / 1_000_000_000 }
    func advance(_ seconds: Int64) { value.withLock { $0 += seconds * 1_000_000_000 } }
    var clock: WallClock { WallClock { [self] in value.withLock { $0 } } }
}

/// A store that can be taken away.
final class FlakyStore: RecordStore, Sendable {
    private let inner: MemoryStore
    private let broken = Mutex(false)
    private let counter = Mutex(0)

    init(_ inner: MemoryStore) { self.inner = inner }

    var isBroken: Bool {
        get { broken.withLock { $0 } }
        set { broken.withLock { $0 = newValue } }
    }
    var reads: Int { counter.withLock { $0 } }

    private func check() throws {
        if isBroken { throw RecordStoreError.unavailable("taken away") }
    }

    func get(type: String, id: String) async throws -> Record? {
        counter.withLock { $0 += 1 }
        try check()
        return try await inner.get(type: type, id: id)
    }

    func put(_ records: [Record]) async throws -> UInt64 { try await inner.put(records) }
    func insertIfAbsent(_ record: Record) async throws -> Bool { try await inner.insertIfAbsent(record) }
    func replaceIfPresent(_ record: Record) async throws -> Bool { try await inner.replaceIfPresent(record) }
    func delete(type: String, id: String) async throws -> Bool { try await inner.delete(type: type, id: id) }
    func list(type: String, after: String?, limit: Int) async throws -> [Record] {
        try await inner.list(type: type, after: after, limit: limit)
    }
    func changes() async throws -> AsyncStream<RecordChange> { try await inner.changes() }
}

extension AuthorizationOutcome {
    var permit: Permit? { if case .permit(let permit) = self { permit } else { nil } }
    var response: LocalResponse? { if case .respond(let response) = self { response } else { nil } }
}

extension LocalResponse {
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
}
