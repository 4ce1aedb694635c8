import Foundation
import GRDB
import Records
import Testing

import struct Records.Record

@testable import BrokerStorage

@Suite struct SQLiteStoreTests {
    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func keepsRecordsOverARestart() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let first = try await SQLiteStore.open(directory: directory)
            try await first.put([Record(type: "t", id: "1", data: [1]), Record(type: "t", id: "2", data: [2])])
            try await first.delete(type: "t", id: "1")
            await first.close()
            let second = try await SQLiteStore.open(directory: directory)
            #expect(try await second.list(type: "t", after: nil, limit: 9).map(\.data) == [[2]])
            #expect(try await second.put([Record(type: "t", id: "3", data: [])]) == 4)
            await second.close()
        }
    }

    @Test func keepsItsFilesFromOtherUsers() async throws {
        try await TemporaryDirectory.with { parent async throws in
            let directory = "\(parent)/made/here"
            let store = try await SQLiteStore.open(directory: directory)
            try await store.put([Record(type: "t", id: "1", data: [1])])
            #expect(try mode(directory) == 0o700)
            for name in ["postern.sqlite", "postern.sqlite-wal", "postern.sqlite-shm"] { #expect(try mode("\(directory)/\(name)") == 0o600) }
            await store.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).allSatisfy { $0.hasPrefix("postern.sqlite") })
        }
    }

    @Test func takesAwayWhatOthersMayDoWithAnOldFile() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let first = try await SQLiteStore.open(directory: directory)
            await first.close()
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(directory)/postern.sqlite")
            let second = try await SQLiteStore.open(directory: directory)
            #expect(try mode("\(directory)/postern.sqlite") == 0o600)
            await second.close()
        }
    }

    @Test func letsOneOfTwoProcessesInsert() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let stores = [try await SQLiteStore.open(directory: directory), try await SQLiteStore.open(directory: directory)]
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask { try await stores[number % 2].insertIfAbsent(Record(type: "t", id: "\(number / 4)", data: [UInt8(number)])) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 50)
            for store in stores { await store.close() }
        }
    }

    @Test func opensOneNewFileManyTimesAtOnce() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let store = try await SQLiteStore.open(directory: "\(directory)/new")
                        try await store.put([Record(type: "t", id: "\(number)", data: [])])
                        await store.close()
                    }
                }
                try await group.waitForAll()
            }
            let store = try await SQLiteStore.open(directory: "\(directory)/new")
            #expect(try await store.list(type: "t", after: nil, limit: 99).count == 8)
            await store.close()
        }
    }

    @Test func keepsVersionsUniqueOverProcesses() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let stores = [try await SQLiteStore.open(directory: directory), try await SQLiteStore.open(directory: directory)]
            let versions = try await withThrowingTaskGroup(of: UInt64.self) { group in
                for number in 0..<100 {
                    group.addTask { try await stores[number % 2].put([Record(type: "t", id: "\(number)", data: [])]) }
                }
                return try await group.reduce(into: Set<UInt64>()) { $0.insert($1) }
            }
            #expect(versions == Set(1...100))
            for store in stores { await store.close() }
        }
    }
}
