import Foundation
import Records
import Synchronization
import Testing

@testable import BrokerStorage

/// The backends under test.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory, sqlite

    var testDescription: String { rawValue }

    func withStore(_ body: (any StorageBackend, ManualClock) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory async throws in
            let clock = ManualClock()
            let store = try await StorageCatalog.open(type: rawValue, dataDirectory: directory, clock: clock.wall)
            do {
                try await body(store, clock)
                await store.close()
            } catch {
                await store.close()
                throw error
            }
        }
    }
}

/// A clock that goes on when it is told to.
final class ManualClock: Sendable {
    private let seconds = Mutex<Int64>(1_800_000_000)

    var now: Int64 {
        get { seconds.withLock { $0 } }
        set { seconds.withLock { $0 = newValue } }
    }

    var wall: WallClock { WallClock { [self] in now * 1_000_000_000 } }
}

/// A directory for one test.
enum TemporaryDirectory {
    static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(url.path)
    }
}
