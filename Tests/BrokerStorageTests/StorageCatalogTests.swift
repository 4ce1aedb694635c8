import Foundation
import Records
import Testing

@testable import BrokerStorage

@Suite struct StorageCatalogTests {
    @Test(arguments: [("memory", "MemoryStore"), ("file", "SQLiteStore"), ("sqlite", "SQLiteStore")])
    func opensByName(name: String, type: String) async throws {
        try await TemporaryDirectory.with { directory async throws in
            let store = try await StorageCatalog.open(type: name, dataDirectory: directory)
            #expect("\(Swift.type(of: store))" == type)
            await store.close()
        }
    }

    @Test func refusesANameItDoesNotKnow() async throws {
        await #expect(throws: RecordStoreError.unavailable("there is no storage type redis; known are memory, file, sqlite")) {
            try await StorageCatalog.open(type: "redis", dataDirectory: "/nowhere")
        }
    }

    @Test(arguments: [("", nil), ("file://", nil), ("file:///a/b", "/a/b"), ("/a/b", "/a/b"), ("relative", "relative")])
    func readsTheDirectoryOfAConnection(text: String, expected: String?) {
        #expect(StorageCatalog.directory(fromConnection: text) == expected)
    }

    @Test func prefersTheConnectionToTheDataDirectory() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let store = try await StorageCatalog.open(type: "file", dataDirectory: "\(directory)/data", connection: "file://\(directory)/other")
            await store.close()
            #expect(FileManager.default.fileExists(atPath: "\(directory)/other/postern.sqlite"))
            #expect(!FileManager.default.fileExists(atPath: "\(directory)/data"))
        }
    }
}
