import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records
import Sessions
import Synchronization
import Testing

/// Holds what a test put in; fails when it is told to.
private final class FixedStore: RecordStore {
    private let records: [String: Record]
    private let fault: RecordStoreError?
    let reads = Atomic(0)

    init(_ values: [any StoredRecord], fault: RecordStoreError? = nil) throws {
        func record(_ value: some StoredRecord) throws -> Record { try Record(value) }
        var records: [String: Record] = [:]
        for value in values {
            let record = try record(value)
            records["\(record.type)/\(record.id)"] = record
        }
        self.records = records
        self.fault = fault
    }

    func get(type: String, id: String) async throws -> Record? {
        reads.add(1, ordering: .relaxed)
        if let fault { throw fault }
        return records["\(type)/\(id)"]
    }

    func put(_ records: [Record]) async throws -> UInt64 { throw RecordStoreError.closed }
    func insertIfAbsent(_ record: Record) async throws -> Bool { throw RecordStoreError.closed }
    func replaceIfPresent(_ record: Record) async throws -> Bool { throw RecordStoreError.closed }
    func delete(type: String, id: String) async throws -> Bool { throw RecordStoreError.closed }
    func list(type: String, after: String?, limit: Int) async throws -> [Record] { throw RecordStoreError.closed }
    func changes() async throws -> AsyncStream<RecordChange> { throw RecordStoreError.closed }
}

@Suite struct SessionResolverTests {
    private let keys: KeyRing
    private let cookies = CookieSettings()
    private let session = Session(id: "s", userID: "u", providerID: "p", issuedAt: 0, expiresAt: 1000)
    private let user = User(id: "u", name: "U", email: "u@example.com")

    init() throws {
        keys = KeyRing(writing: try #require(RootSecret(Array(0..<32))))
    }

    private func resolver(_ store: FixedStore, now: Int64 = 500) -> SessionResolver {
        SessionResolver(store: store, keys: keys, cookies: cookies, clock: WallClock { now * 1_000_000_000 })
    }

    private func cookie(_ id: String = "s", expiresAt: Int64 = 1000, scope: String = "host:app.example") throws -> String {
        try SessionHandle(sessionID: id, providerID: "p", expiresAt: expiresAt).sealed(with: keys, scope: scope)
    }

    private func request(_ values: [String], name: String? = nil, host: String = "app.example") -> ControlRequest {
        let header = values.map { "\(name ?? cookies.sessionName)=\($0)" }.joined(separator: "; ")
        return ControlRequest(host: host, path: "/", headers: [.cookie: header])
    }

    @Test func findsTheSessionAndItsUser() async throws {
        let found = try await resolver(FixedStore([session, user])).routeSession(of: request([cookie()]))
        #expect(found?.session == session && found?.user == user)
        let withoutUser = try await resolver(FixedStore([session])).routeSession(of: request([cookie()]))
        #expect(withoutUser?.session == session && withoutUser?.user == nil)
    }

    @Test func looksPastForeignCookiesOfTheName() async throws {
        let store = try FixedStore([session, user])
        let values = ["planted", try cookie("gone"), try cookie(scope: "host:other.example"), try cookie()]
        #expect(try await resolver(store).routeSession(of: request(values))?.session == session)
    }

    @Test func asksTheStoreForAFewCookiesOnly() async throws {
        let store = try FixedStore([])
        let values = try (0..<100).map { try cookie("s\($0)") }
        #expect(try await resolver(store).routeSession(of: request(values)) == nil)
        #expect(store.reads.load(ordering: .relaxed) <= 8)
    }

    @Test func isSignedOutWithoutALiveRecord() async throws {
        #expect(try await resolver(FixedStore([])).routeSession(of: request([cookie()])) == nil)
        #expect(try await resolver(FixedStore([session])).routeSession(of: request([])) == nil)
        let ended = Session(id: "s", userID: "u", providerID: "p", issuedAt: 0, expiresAt: 400)
        #expect(try await resolver(FixedStore([ended])).routeSession(of: request([cookie()])) == nil)
        #expect(try await resolver(FixedStore([session]), now: 1000).routeSession(of: request([cookie()])) == nil)
    }

    @Test func passesAStorageFaultOn() async throws {
        let store = try FixedStore([session], fault: .unavailable("disk"))
        await #expect(throws: RecordStoreError.unavailable("disk")) { try await resolver(store).routeSession(of: request([cookie()])) }
        #expect(try await resolver(store).routeSession(of: request(["forged"])) == nil)
    }

    @Test func keepsTheAuthenticateHostsCookieApart() async throws {
        let store = try FixedStore([session, user])
        let scope = SessionResolver.authenticateScope("auth.example")
        let value = try cookie(scope: scope)
        let there = request([value], name: cookies.authenticateName, host: "auth.example")
        #expect(try await resolver(store).authenticateSession(of: there)?.session == session)
        #expect(try await resolver(store).authenticateSession(of: request([value], name: cookies.authenticateName, host: "app.example")) == nil)
        #expect(try await resolver(store).routeSession(of: request([value], host: "auth.example")) == nil)
        #expect(
            try await resolver(store).authenticateSession(
                of: request([cookie(scope: "host:auth.example")], name: cookies.authenticateName, host: "auth.example")) == nil)
    }
}
