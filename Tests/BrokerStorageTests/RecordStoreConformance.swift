import Records
import Testing

@testable import BrokerStorage

/// What every storage backend must do. A new backend is one more entry in ``StoreKind``.
@Suite struct RecordStoreConformance {
    @Test(arguments: StoreKind.allCases)
    func returnsWhatWasPut(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            let version = try await store.put([Record(type: "a", id: "1", data: [1, 2, 3])])
            let found = try await store.get(type: "a", id: "1")
            #expect(found == Record(type: "a", id: "1", version: version, data: [1, 2, 3]))
            #expect(try await store.get(type: "b", id: "1") == nil)
            #expect(try await store.get(type: "a", id: "2") == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func givesEveryWriteANewerVersion(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            let first = try await store.put([Record(type: "a", id: "1", version: 99, data: [])])
            let second = try await store.put([Record(type: "b", id: "1", data: []), Record(type: "b", id: "2", data: [])])
            #expect(second == first + 2)
            try await store.delete(type: "b", id: "1")
            let third = try await store.put([Record(type: "b", id: "1", data: [])])
            #expect(third > second + 1)
            #expect(try await store.put([]) == third)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func overwritesAndClearsTheEnd(kind: StoreKind) async throws {
        try await kind.withStore { (store, clock) async throws in
            try await store.put([Record(type: "a", id: "1", expiresAt: clock.now + 5, data: [1])])
            try await store.put([Record(type: "a", id: "1", data: [2])])
            clock.now += 100
            #expect(try await store.get(type: "a", id: "1")?.data == [2])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func countsAnExpiredRecordAsAbsent(kind: StoreKind) async throws {
        try await kind.withStore { (store, clock) async throws in
            try await store.put([Record(type: "a", id: "1", expiresAt: clock.now + 10, data: [1])])
            clock.now += 9
            #expect(try await store.get(type: "a", id: "1") != nil)
            clock.now += 1
            #expect(try await store.get(type: "a", id: "1") == nil)
            #expect(try await store.list(type: "a", after: nil, limit: 10).isEmpty)
            #expect(try await store.insertIfAbsent(Record(type: "a", id: "1", expiresAt: clock.now + 10, data: [2])))
            #expect(try await store.get(type: "a", id: "1")?.data == [2])
            clock.now += 10
            #expect(try await store.delete(type: "a", id: "1") == false)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func purgesWhatIsExpiredAndNothingElse(kind: StoreKind) async throws {
        try await kind.withStore { (store, clock) async throws in
            let ending = (0..<1203).map { Record(type: "a", id: "end-\($0)", expiresAt: clock.now + 10, data: [1]) }
            try await store.put(
                ending + [Record(type: "a", id: "later", expiresAt: clock.now + 11, data: []), Record(type: "a", id: "never", data: [])])
            #expect(try await store.purgeExpired(now: clock.now + 9) == 0)
            #expect(try await store.purgeExpired(now: clock.now + 10) == 1203)
            #expect(try await store.list(type: "a", after: nil, limit: 10).map(\.id) == ["later", "never"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func insertsOnce(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            #expect(try await store.insertIfAbsent(Record(type: "a", id: "1", data: [1])))
            #expect(try await store.insertIfAbsent(Record(type: "a", id: "1", data: [2])) == false)
            #expect(try await store.get(type: "a", id: "1")?.data == [1])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func replacesOnlyWhatIsThere(kind: StoreKind) async throws {
        try await kind.withStore { (store, clock) async throws in
            #expect(try await store.replaceIfPresent(Record(type: "a", id: "1", data: [1])) == false)
            try await store.put([Record(type: "a", id: "1", expiresAt: clock.now + 10, data: [1])])
            #expect(try await store.replaceIfPresent(Record(type: "a", id: "1", expiresAt: clock.now + 10, data: [2])))
            #expect(try await store.get(type: "a", id: "1")?.data == [2])
            try await store.delete(type: "a", id: "1")
            #expect(try await store.replaceIfPresent(Record(type: "a", id: "1", data: [3])) == false)
            #expect(try await store.get(type: "a", id: "1") == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func letsOneOfManyInsert(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<50 {
                    group.addTask { try await store.insertIfAbsent(Record(type: "a", id: "1", data: [UInt8(number)])) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func tellsWhetherItDeleted(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            try await store.put([Record(type: "a", id: "1", data: [])])
            #expect(try await store.delete(type: "a", id: "1"))
            #expect(try await store.delete(type: "a", id: "1") == false)
            #expect(try await store.get(type: "a", id: "1") == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func listsInTheOrderOfIDsPageByPage(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            try await store.put(
                ["d", "a", "c", "b", "aa", "é", "Z"].map { Record(type: "t", id: $0, data: []) } + [Record(type: "u", id: "b", data: [])])
            #expect(try await store.list(type: "t", after: nil, limit: 100).map(\.id) == ["Z", "a", "aa", "b", "c", "d", "é"])
            #expect(try await store.list(type: "t", after: nil, limit: 2).map(\.id) == ["Z", "a"])
            #expect(try await store.list(type: "t", after: "a", limit: 3).map(\.id) == ["aa", "b", "c"])
            #expect(try await store.list(type: "t", after: "ab", limit: 1).map(\.id) == ["b"])
            #expect(try await store.list(type: "t", after: "é", limit: 3).isEmpty)
            #expect(try await store.list(type: "t", after: nil, limit: 0).isEmpty)
            #expect(try await store.list(type: "none", after: nil, limit: 3).isEmpty)
        }
    }

    static let oddIDs = [
        "", " ", "a b", "'; DROP TABLE records; --", "%_", "\u{0}", "a\u{0}b", "a\u{0}c", "é", "e\u{301}", "日本語", "👩‍🚀", "\n", "\\", "/../x", "NULL",
        String(repeating: "x", count: 100_000),
    ]

    @Test(arguments: StoreKind.allCases)
    func keepsIDsApartByTheirBytes(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            for (number, id) in Self.oddIDs.enumerated() {
                #expect(try await store.insertIfAbsent(Record(type: "t", id: id, data: [UInt8(number)])), "id \(number)")
            }
            for (number, id) in Self.oddIDs.enumerated() {
                let found = try await store.get(type: "t", id: id)
                #expect(found?.data == [UInt8(number)])
                #expect(found.map { Array($0.id.utf8) } == Array(id.utf8))
            }
            #expect(try await store.list(type: "t", after: nil, limit: 100).count == Self.oddIDs.count)
            for id in Self.oddIDs { #expect(try await store.delete(type: "t", id: id)) }
            #expect(try await store.list(type: "t", after: nil, limit: 100).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases, [0, 1, 4096, 3 << 20])
    func keepsValuesOfEverySize(kind: StoreKind, size: Int) async throws {
        try await kind.withStore { (store, _) async throws in
            let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await store.put([Record(type: "t", id: "1", data: data)])
            #expect(try await store.get(type: "t", id: "1")?.data == data)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func refusesAValueThatIsTooBigAndWritesNoneOfTheOthers(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            let tooBig = Record(type: "t", id: "2", data: Array(repeating: 0, count: StorageLimits.maximumRecordBytes + 1))
            await #expect(throws: RecordStoreError.self) { try await store.put([Record(type: "t", id: "1", data: []), tooBig]) }
            await #expect(throws: RecordStoreError.self) { try await store.insertIfAbsent(tooBig) }
            #expect(try await store.list(type: "t", after: nil, limit: 9).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func publishesWritesAndDeletionsInOrder(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            try await store.put([Record(type: "t", id: "before", data: [])])
            var first = try await store.changes().makeAsyncIterator()
            try await store.put([Record(type: "t", id: "1", expiresAt: 9_000_000_000, data: [7])])
            _ = try await store.insertIfAbsent(Record(type: "t", id: "2", data: []))
            _ = try await store.insertIfAbsent(Record(type: "t", id: "2", data: []))
            var second = try await store.changes().makeAsyncIterator()
            try await store.delete(type: "t", id: "before")
            try await store.delete(type: "t", id: "before")
            try await store.put([Record(type: "t", id: "3", data: [])])

            #expect(await first.next() == .changed(Record(type: "t", id: "1", version: 2, expiresAt: 9_000_000_000, data: [7])))
            #expect(await first.next() == .changed(Record(type: "t", id: "2", version: 3, data: [])))
            #expect(await first.next() == .changed(Record(type: "t", id: "before", version: 4, data: [], isDeleted: true)))
            #expect(await first.next() == .changed(Record(type: "t", id: "3", version: 5, data: [])))
            #expect(await second.next() == .changed(Record(type: "t", id: "before", version: 4, data: [], isDeleted: true)))
            #expect(await second.next() == .changed(Record(type: "t", id: "3", version: 5, data: [])))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func tellsASlowConsumerThatItMissedChanges(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            var slow = try await store.changes().makeAsyncIterator()
            let many = (0...StorageLimits.maximumWaitingChanges).map { Record(type: "t", id: "\($0)", data: []) }
            try await store.put(many)
            #expect(await slow.next() == .overflow)
            try await store.put([Record(type: "t", id: "after", data: [])])
            guard case .changed(let record) = await slow.next() else {
                Issue.record("the stream goes on after an overflow")
                return
            }
            #expect(record.id == "after")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func endsTheFeedsWhenItIsClosed(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in
            var changes = try await store.changes().makeAsyncIterator()
            try await store.put([Record(type: "t", id: "1", data: [])])
            await store.close()
            await store.close()
            #expect(await changes.next() == .changed(Record(type: "t", id: "1", version: 1, data: [])))
            #expect(await changes.next() == nil)
            await #expect(throws: RecordStoreError.closed) { try await store.get(type: "t", id: "1") }
            await #expect(throws: RecordStoreError.closed) { try await store.put([]) }
            await #expect(throws: RecordStoreError.closed) { _ = try await store.changes() }
            await #expect(throws: RecordStoreError.closed) { try await store.checkHealth() }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func keepsDomainValues(kind: StoreKind) async throws {
        try await kind.withStore { (store, clock) async throws in
            let session = Session(
                id: "s", userID: "u", providerID: "p", issuedAt: clock.now, expiresAt: clock.now + 60,
                claims: ["groups": [.string("a")], "n": [.integer(1)]])
            try await store.put(session)
            #expect(try await store.get(Session.self, id: "s") == session)
            #expect(try await store.list(Session.self) == [session])
            #expect(try await store.insertIfAbsent(session) == false)
            #expect(try await store.delete(Session.self, id: "s"))
            try await store.put([Record(type: Session.recordType, id: "x", data: Array("{}".utf8))])
            await #expect(throws: RecordStoreError.undecodable(type: "session", id: "x")) { try await store.get(Session.self, id: "x") }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func isHealthyWhenItIsOpen(kind: StoreKind) async throws {
        try await kind.withStore { (store, _) async throws in try await store.checkHealth() }
    }
}
