import KeyMaterial
import Records
import Testing

@testable import IdentityProviders

@Suite struct LocalUserDirectoryTests {
    private let clock = ManualClock()
    private let store: MemoryStore
    private let directory: LocalUserDirectory

    init() {
        store = MemoryStore(clock: clock.wall)
        directory = LocalUserDirectory(store: store, hasher: PasswordHasher(logRounds: 10), clock: clock.wall)
    }

    @Test func findsPeopleWhateverTheCase() async throws {
        let user = try await directory.add(email: " Ann@Example.COM ", name: "Ann", groups: ["a"], password: "password1")
        #expect(user.email == "ann@example.com")
        #expect(try await directory.verify(email: "ANN@example.com", password: "password1")?.subject == user.subject)
        #expect(try await directory.verify(email: "ann@example.com", password: "password2") == nil)
        #expect(try await directory.verify(email: "bob@example.com", password: "password1") == nil)
        await #expect(throws: LocalUserError.alreadyExists("ann@example.com")) {
            try await directory.add(email: "ann@EXAMPLE.com", password: "password1")
        }
        #expect(try await directory.list().map(\.email) == ["ann@example.com"])
    }

    @Test(arguments: [
        "", "ann", "@example.com", "ann@", "a b@example.com", "ann@example..com", "ann@-x.com", "ann@exa mple.com", "a@b@c.com",
        "ann@example.com\r\nX: y",
        "<a>@example.com", "\u{0}@example.com",
    ])
    func refusesWhatIsNoAddress(_ email: String) async throws {
        await #expect(throws: LocalUserError.self) { try await directory.add(email: email, password: "password1") }
    }

    @Test(arguments: ["", "1234567", String(repeating: "x", count: 1025)]) func refusesAPasswordOfTheWrongLength(_ password: String) async throws {
        await #expect(throws: LocalUserError.invalidPassword) { try await directory.add(email: "ann@example.com", password: password) }
    }

    @Test func endsTheSessionsOfThePersonAlone() async throws {
        let ann = try await directory.add(email: "ann@example.com", password: "password1")
        let bob = try await directory.add(email: "bob@example.com", password: "password1")
        let end = clock.seconds + 1000
        for number in 0..<3 {
            try await store.put(Session(id: "a\(number)", userID: ann.subject, providerID: "p", issuedAt: 0, expiresAt: end))
            try await store.put(Session(id: "b\(number)", userID: bob.subject, providerID: "p", issuedAt: 0, expiresAt: end))
        }
        try await directory.setPassword(email: "ann@example.com", password: "password2")
        #expect(try await store.list(Session.self).map(\.id) == ["b0", "b1", "b2"])
        #expect(try await directory.user(email: "ann@example.com")?.subject == ann.subject)
        try await directory.remove(email: "bob@example.com")
        #expect(try await store.list(Session.self).isEmpty)
        #expect(try await directory.remove(email: "bob@example.com") == false)
        await #expect(throws: LocalUserError.unknown("bob@example.com")) {
            try await directory.setPassword(email: "bob@example.com", password: "password2")
        }
    }

    @Test func turnsHashingDownBeyondItsQueue() async throws {
        let hasher = PasswordHasher(maximumRunning: 1, maximumWaiting: 2, logRounds: 12)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { (try? await hasher.verify(password: "x", against: PasswordHasher.hashOfNobody)) != nil } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains(true))
        #expect(outcomes.contains(false))
        // Afterwards there is room again.
        #expect(try await hasher.verify(password: "x", against: PasswordHasher.hashOfNobody) == false)
    }
}

@Suite struct SignInThrottleTests {
    private let clock = ManualClock()

    @Test func doublesThePauseUpToAMinuteAndForgives() async {
        let throttle = SignInThrottle(clock: clock.wall)
        for _ in 0..<5 { #expect(await throttle.admit(account: "a", address: "1.2.3.4") == nil) }
        for pause: Int64 in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(await throttle.admit(account: "a", address: "1.2.3.4") == pause)
            clock.advance(pause)
            #expect(await throttle.admit(account: "a", address: "1.2.3.4") == nil)
        }
        clock.advance(900)
        for _ in 0..<5 { #expect(await throttle.admit(account: "a", address: "1.2.3.4") == nil) }
    }

    @Test func countsAddressesAcrossAccounts() async {
        let throttle = SignInThrottle(clock: clock.wall)
        for number in 0..<30 { #expect(await throttle.admit(account: "a\(number)", address: "1.2.3.4") == nil) }
        #expect(await throttle.admit(account: "fresh", address: "1.2.3.4") == 1)
        #expect(await throttle.admit(account: "fresh", address: "1.2.3.5") == nil)
    }

    @Test func forgetsWhatSucceededOrWasNotTried() async {
        let throttle = SignInThrottle(clock: clock.wall)
        for _ in 0..<100 {
            #expect(await throttle.admit(account: "a", address: "1.2.3.4") == nil)
            await throttle.succeeded(account: "a", address: "1.2.3.4")
            #expect(await throttle.admit(account: "b", address: "1.2.3.4") == nil)
            await throttle.withdraw(account: "b", address: "1.2.3.4")
        }
    }

    @Test func staysBounded() async {
        let throttle = SignInThrottle(clock: clock.wall, capacity: 100)
        for _ in 0..<6 { _ = await throttle.admit(account: "target", address: "9.9.9.9") }
        for number in 0..<5000 { _ = await throttle.admit(account: "a\(number)", address: "10.0.\(number / 256).\(number % 256)") }
        #expect(await throttle.entryCount <= 200)
        #expect(await throttle.admit(account: "target", address: "9.9.9.9") != nil)
    }

    @Test(arguments: [
        ("1.2.3.4", "1.2.3.4"), ("::ffff:1.2.3.4", "1.2.3.4"), ("2001:db8:0:1::5", "20:1:d:b8:0:0:0:1/64"),
        ("2001:db8::9", "20:1:d:b8:0:0:0:0/64"),
        ("odd:text", "odd:text"),
    ])
    func countsNetworksOfIPv6(_ address: String, _ network: String) {
        #expect(SignInThrottle.network(of: address) == network)
    }
}
