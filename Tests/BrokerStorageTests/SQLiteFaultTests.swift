import Foundation
import GRDB
import Records
import Testing

import struct Records.Record

@testable import BrokerStorage

/// Faults are told with path, cause and way out, and are never taken for an absent record.
@Suite struct SQLiteFaultTests {
    private func text(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "no error"
        } catch RecordStoreError.unavailable(let text) {
            return text
        } catch {
            return "another error: \(error)"
        }
    }

    @Test func refusesAFileThatIsNoDatabase() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let path = "\(directory)/postern.sqlite"
            try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
            let text = await text { _ = try await SQLiteStore.open(directory: directory) }
            #expect(text.contains(path) && text.contains("damaged or no database") && text.contains("restore it from a backup"))
        }
    }

    @Test func tellsDamageInTheMiddle() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let first = try await SQLiteStore.open(directory: directory)
            try await first.put((0..<500).map { Record(type: "t", id: "\($0)", data: Array(repeating: 1, count: 2000)) })
            await first.close()
            let url = URL(filePath: "\(directory)/postern.sqlite")
            var bytes = try Data(contentsOf: url)
            try #require(bytes.count > 100_000)
            bytes.replaceSubrange(50_000..<90_000, with: repeatElement(0xFF, count: 40_000))
            try bytes.write(to: url)
            let text = await text {
                let second = try await SQLiteStore.open(directory: directory)
                for number in 0..<500 { _ = try await second.get(type: "t", id: "\(number)") }
            }
            #expect(text.contains("damaged or no database"))
        }
    }

    @Test func tellsAFullDiskAndGoesOnAfterwards() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let store = try await SQLiteStore.open(directory: directory, clock: .system, busyTimeout: 1) { database in
                try database.execute(sql: "PRAGMA max_page_count = 40")
            }
            try await store.put([Record(type: "t", id: "1", data: [1])])
            let text = await text { try await store.put([Record(type: "t", id: "1", data: Array(repeating: 1, count: 1 << 20))]) }
            #expect(text.contains("\(directory)/postern.sqlite") && text.contains("full") && text.contains("free some space"))
            #expect(try await store.get(type: "t", id: "1")?.data == [1])
            try await store.put([Record(type: "t", id: "1", data: [2])])
            #expect(try await store.get(type: "t", id: "1")?.data == [2])
            await store.close()
        }
    }

    @Test func tellsAReadOnlyFile() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let first = try await SQLiteStore.open(directory: directory)
            try await first.put([Record(type: "t", id: "1", data: [1])])
            let store = try await SQLiteStore.open(directory: directory, clock: .system, busyTimeout: 1) { database in
                try database.execute(sql: "PRAGMA query_only = 1")
            }
            let text = await text { try await store.checkHealth() }
            #expect(text.contains("read-only for this process"))
            #expect(try await store.get(type: "t", id: "1")?.data == [1])
            await store.close()
            await first.close()
        }
    }

    @Test func tellsALockedFileAfterTheTimeout() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let store = try await SQLiteStore.open(directory: directory, clock: .system, busyTimeout: 0.05) { _ in }
            try await store.put([Record(type: "t", id: "1", data: [1])])
            let other = try DatabaseQueue(path: "\(directory)/postern.sqlite")
            try await other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version") }
            let (held, release) = AsyncStream<Void>.makeStream()
            let (ready, signal) = AsyncStream<Void>.makeStream()
            let holder = Task {
                try await other.write { database in
                    try database.execute(sql: "UPDATE counters SET value = value")
                    signal.finish()
                    let done = DispatchSemaphore(value: 0)
                    Task {
                        for await _ in held {}
                        done.signal()
                    }
                    done.wait()
                }
            }
            for await _ in ready {}
            let text = await text { try await store.put([Record(type: "t", id: "2", data: [])]) }
            #expect(text.contains("another process holds its lock"))
            #expect(try await store.get(type: "t", id: "1") != nil)
            release.finish()
            try await holder.value
            try await store.put([Record(type: "t", id: "2", data: [])])
            try other.close()
            await store.close()
        }
    }

    @Test func tellsADirectoryThatCannotBeMade() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try Data().write(to: URL(filePath: "\(directory)/file"))
            let text = await text { _ = try await SQLiteStore.open(directory: "\(directory)/file") }
            #expect(text.contains("\(directory)/file") && text.contains("director"))
            let nested = await self.text { _ = try await SQLiteStore.open(directory: "\(directory)/file/data") }
            #expect(nested.contains("\(directory)/file/data") && nested.contains("cannot be made"))
        }
    }

    @Test func refusesAFileOfANewerRelease() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let first = try await SQLiteStore.open(directory: directory)
            await first.close()
            let queue = try DatabaseQueue(path: "\(directory)/postern.sqlite")
            try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 later')") }
            try queue.close()
            let text = await text { _ = try await SQLiteStore.open(directory: directory) }
            #expect(text.contains("newer release"))
        }
    }

    @Test func survivesTheLossOfTheTables() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let store = try await SQLiteStore.open(directory: directory)
            let queue = try DatabaseQueue(path: "\(directory)/postern.sqlite")
            try await queue.write { try $0.execute(sql: "DELETE FROM counters; DROP TABLE records") }
            try queue.close()
            for attempt in [
                { _ = try await store.put([Record(type: "t", id: "1", data: [])]) }, { _ = try await store.get(type: "t", id: "1") },
                { _ = try await store.changes() },
            ] as [() async throws -> Void] {
                #expect(await text(attempt).contains("\(directory)/postern.sqlite"))
            }
            await store.close()
        }
    }
}
