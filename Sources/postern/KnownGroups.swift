import ArgumentParser
import BrokerStorage
import Diagnostics
import Foundation
import ProxyConfig
import Records

/// The groups that an installation has seen: of its embedded users, and of everybody who has signed in.
enum KnownGroups {
    /// Reads the store, also while the server runs. Ends the command with a message where there is none.
    static func read(dataDirectory: String, _ settings: Settings) async throws -> Set<String> {
        let connection = settings.databrokerStorageConnectionString
        // Opening would make one.
        guard connection != nil || FileManager.default.fileExists(atPath: "\(dataDirectory)/postern.sqlite") else {
            StandardStreams.error("error: --data-dir \(dataDirectory): there is no postern.sqlite in it\n")
            throw ExitCode(1)
        }
        do {
            return try await StorageCatalog.withStore(type: "file", dataDirectory: dataDirectory, connection: connection) { store in
                var groups: Set<String> = []
                try await each(LocalUser.self, in: store) { groups.formUnion($0.groups) }
                try await each(User.self, in: store) { groups.formUnion(($0.claims["groups"] ?? []).map(\.text)) }
                try await each(Session.self, in: store) { groups.formUnion(($0.claims["groups"] ?? []).map(\.text)) }
                return groups
            }
        } catch {
            StandardStreams.error("error: \(error)\n")
            throw ExitCode(1)
        }
    }

    private static func each<Value: StoredRecord>(_ type: Value.Type, in store: some RecordStore, _ body: (Value) -> Void) async throws {
        var last: String?
        repeat {
            let page: [Value] = try await store.list(type, after: last, limit: 1000)
            page.forEach(body)
            last = page.count == 1000 ? page.last?.recordID : nil
        } while last != nil
    }
}
