import BrokerStorage
import Records
import Testing

@testable import Authorize

@Suite struct SessionDirectoryTests {
    private func filled() async throws -> (TestClock, MemoryStore, SessionDirectory) {
        let time = TestClock(seconds: 1_000_000)
        let store = MemoryStore(clock: time.clock)
        try await store.put(Session(id: "s", userID: "u", providerID: "p", issuedAt: 0, expiresAt: 2_000_000))
        try await store.put(User(id: "u", email: "u@example.com"))
        return (time, store, SessionDirectory(store: store, clock: time.clock))
    }

    @Test func loadsASessionWithItsUser() async throws {
        let (_, _, directory) = try await filled()
        guard case .active(let active) = await directory.load("s") else {
            Issue.record("not active")
            return
        }
        #expect(active.email == "u@example.com")
        #expect(directory.known("s", at: 1_000_000) === active)
    }

    @Test func saysMissingForUnknownAndExpiredSessions() async throws {
        let (time, _, directory) = try await filled()
        guard case .missing = await directory.load("nobody") else {
            Issue.record("not missing")
            return
        }
        _ = await directory.load("s")
        time.advance(1_000_000)
        guard case .missing = await directory.load("s") else {
            Issue.record("not missing")
            return
        }
    }

    @Test func growsItsEpochOnlyForWhatItHolds() async throws {
        let (_, _, directory) = try await filled()
        let before = directory.epoch
        directory.apply(.changed(Record(type: Session.recordType, id: "other", data: [])))
        #expect(directory.epoch == before)
        _ = await directory.load("s")
        directory.apply(.changed(Record(type: Session.recordType, id: "s", data: [], isDeleted: true)))
        #expect(directory.epoch > before)
        #expect(directory.known("s", at: 0) == nil)
    }

    @Test func dropsTheSessionsOfAChangedUser() async throws {
        let (_, _, directory) = try await filled()
        _ = await directory.load("s")
        directory.apply(.changed(Record(type: User.recordType, id: "u", data: [])))
        #expect(directory.known("s", at: 0) == nil)
    }

    @Test func dropsEverythingWhenChangesWereLost() async throws {
        let (_, _, directory) = try await filled()
        _ = await directory.load("s")
        let before = directory.epoch
        directory.apply(.overflow)
        #expect(directory.known("s", at: 0) == nil)
        #expect(directory.epoch > before)
    }

    @Test func followsTheChangeFeedOfTheStore() async throws {
        let (_, store, directory) = try await filled()
        _ = await directory.load("s")
        let follower = Task { try await directory.followChanges() }
        // Deleting again and again until the follower is there: the feed only tells what happens after it was opened.
        while directory.known("s", at: 0) != nil {
            try await store.delete(Session.self, id: "s")
            try await store.put(Session(id: "s", userID: "u", providerID: "p", issuedAt: 0, expiresAt: 2_000_000))
            await Task.yield()
        }
        follower.cancel()
    }
}
