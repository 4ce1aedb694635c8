import Foundation
import GRDB
import Records
import Testing

import struct Records.Record

@testable import BrokerStorage

@Suite struct SQLiteChangeFeedTests {
    private func withTwo(_ body: (SQLiteStore, SQLiteStore, ManualClock) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory async throws in
            let clock = ManualClock()
            let server = try await SQLiteStore.open(directory: directory, clock: clock.wall)
            let tool = try await SQLiteStore.open(directory: directory, clock: clock.wall)
            try await body(server, tool, clock)
            await server.close()
            await tool.close()
        }
    }

    @Test func seesWritesOfAnotherProcess() async throws {
        try await withTwo { (server, tool, _) async throws in
            var changes = try await server.changes().makeAsyncIterator()
            try await tool.put([Record(type: "t", id: "1", data: [1]), Record(type: "t", id: "2", data: [2])])
            try await tool.delete(type: "t", id: "1")
            try await server.pollChanges()
            // The first record is only seen where a look fell between its writing and its deletion.
            let next = await changes.next()
            if next == .changed(Record(type: "t", id: "1", version: 1, data: [1])) {
                #expect(await changes.next() == .changed(Record(type: "t", id: "2", version: 2, data: [2])))
            } else {
                #expect(next == .changed(Record(type: "t", id: "2", version: 2, data: [2])))
            }
            #expect(await changes.next() == .changed(Record(type: "t", id: "1", version: 3, data: [], isDeleted: true)))
        }
    }

    @Test func findsADeletionByItselfWithinThreeTenthsOfASecond() async throws {
        try await withTwo { (server, tool, _) async throws in
            try await tool.put([Record(type: "t", id: "1", data: [1])])
            var changes = try await server.changes().makeAsyncIterator()
            let clock = ContinuousClock()
            let start = clock.now
            try await tool.delete(type: "t", id: "1")
            #expect(await changes.next() == .changed(Record(type: "t", id: "1", version: 2, data: [], isDeleted: true)))
            // The interval itself is 0.2 s; the rest is room for a busy machine.
            #expect(clock.now - start < .seconds(2))
            #expect(SQLiteChangeFeed.defaultPollInterval <= .milliseconds(200))
        }
    }

    @Test func tellsEachChangeOnceInTheOrderOfVersions() async throws {
        try await withTwo { (server, tool, _) async throws in
            let changes = try await server.changes()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let store = number % 2 == 0 ? server : tool
                        try await store.put([Record(type: "t", id: "\(number)", data: [])])
                        if number % 10 == 0 { try await server.pollChanges() }
                    }
                }
                try await group.waitForAll()
            }
            try await server.pollChanges()
            await server.close()
            var versions: [UInt64] = []
            for await case .changed(let record) in changes { versions.append(record.version) }
            #expect(versions == Array(1...300))
        }
    }

    @Test func reportsMoreThanOneBatch() async throws {
        try await withTwo { (server, tool, _) async throws in
            let changes = try await server.changes()
            try await tool.put((0..<1500).map { Record(type: "t", id: "\($0)", data: []) })
            try await server.pollChanges()
            await server.close()
            var count = 0
            for await case .changed in changes { count += 1 }
            #expect(count == 1500)
        }
    }

    @Test func saysSoWhenDeletionsWereForgottenMeanwhile() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let clock = ManualClock()
            let tool = try await SQLiteStore.open(directory: directory, clock: clock.wall)
            try await tool.put([Record(type: "t", id: "1", data: [])])
            // Looks once an hour, so that the log is cut before it looks.
            let feed = try SQLiteChangeFeed(path: "\(directory)/postern.sqlite", configuration: Configuration(), pollInterval: .seconds(3600))
            var changes = try await feed.subscribe().makeAsyncIterator()
            try await feed.poll()
            try await tool.delete(type: "t", id: "1")
            try await tool.purgeExpired(now: clock.now + StorageLimits.deletionLogSeconds + 1)
            try await feed.poll()
            #expect(await changes.next() == .overflow)
            feed.close()
            await tool.close()
        }
    }

    @Test func remembersDeletionsForAnHourAndFiftyThousandOfThem() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let clock = ManualClock()
            let store = try await SQLiteStore.open(directory: directory, clock: clock.wall)
            for number in 0..<3 {
                try await store.put([Record(type: "t", id: "\(number)", data: [])])
                try await store.delete(type: "t", id: "\(number)")
                clock.now += 1800
            }
            try await store.purgeExpired(now: clock.now)
            let queue = try DatabaseQueue(path: "\(directory)/postern.sqlite")
            let kept = try await queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM deletions") }
            #expect(kept == 2)
            try await queue.write { database in
                for version in 1000..<(1000 + 50_100) {
                    try database.execute(
                        sql: "INSERT INTO deletions VALUES (?, 't', x'00', ?)", arguments: [version, clock.now])
                }
            }
            try await store.purgeExpired(now: clock.now)
            let bounded = try await queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM deletions") }
            #expect(bounded == 50_000)
            try queue.close()
            await store.close()
        }
    }

    @Test func costsNoPollingWithoutConsumers() async throws {
        try await withTwo { (server, tool, _) async throws in
            do {
                let changes = try await server.changes()
                _ = changes
            }
            try await tool.put([Record(type: "t", id: "1", data: [])])
            var later = try await server.changes().makeAsyncIterator()
            try await tool.put([Record(type: "t", id: "2", data: [])])
            try await server.pollChanges()
            #expect(await later.next() == .changed(Record(type: "t", id: "2", version: 2, data: [])))
        }
    }
}
