import Foundation
import Records
import Testing

@testable import BrokerStorage

@Suite struct DecisionArchiveTests {
    private static func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "postern-decisions-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private static func decision(_ id: String, time: Int64 = 1, email: String = "", outcome: String = "forbidden", route: String = "r1")
        -> StoredDecision
    {
        StoredDecision(
            id: id, time: time, routeID: route, routeName: "name of \(route)", userID: email.isEmpty ? "" : "u-\(email)", email: email,
            outcome: outcome,
            isAllowed: outcome == "allowed", status: 403, reason: "reject", method: "GET", host: "h", path: "/'\"\u{1F600}", configurationHash: "c",
            policyID: "p", position: "config.yaml:1:2", facts: "{}")
    }

    private static func finding(_ email: String, policy: String = "p", count: Int = 1, time: Int64 = 1, change: ShadowFinding.Change = .loses)
        -> ShadowFinding
    {
        ShadowFinding(
            routeID: "r1", routeName: "one", policyID: policy, change: change, userID: "u-\(email)", email: email, firstSeen: time, lastSeen: time,
            count: count, sampleRequestID: "id-\(time)", sampleRequest: "GET /")
    }

    @Test func whatWasWrittenIsThereForOthersAndAfterwards() async throws {
        try await Self.withDirectory { directory in
            #expect(try DecisionArchive.openExisting(directory: directory) == nil)
            let archive = try await DecisionArchive.open(directory: directory)
            let written = Self.decision("a", email: "ann@example.com")
            try await archive.append(decisions: [written], policies: [.init(id: "p", text: "[]"), .init(id: "p", text: "[]")], findings: [])
            // Another process, while this one writes.
            let reader = try #require(try DecisionArchive.openExisting(directory: directory))
            #expect(try await reader.decision(id: "a") == written)
            #expect(try await reader.decision(id: "b") == nil)
            try await archive.append(decisions: [Self.decision("b")], policies: [], findings: [])
            #expect(try await reader.decision(id: "b")?.isSignedIn == false)
            #expect(try await reader.policy(id: "p")?.text == "[]")
            await #expect(throws: RecordStoreError.self) { try await reader.append(decisions: [written], policies: [], findings: []) }
            reader.close()
            archive.close()
            let mode = try FileManager.default.attributesOfItem(atPath: "\(directory)/decisions.sqlite")[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
            let again = try #require(try DecisionArchive.openExisting(directory: directory))
            #expect(try await again.decision(id: "a") == written)
            again.close()
        }
    }

    @Test func filtersAreJoinedByAnd() async throws {
        try await Self.withDirectory { directory in
            let archive = try await DecisionArchive.open(directory: directory)
            try await archive.append(
                decisions: [
                    Self.decision("1", time: 10, email: "ann@example.com"), Self.decision("2", time: 20, email: "bob@example.com"),
                    Self.decision("3", time: 30, email: "ann@example.com", outcome: "allowed"),
                    Self.decision("4", time: 40, email: "ann@example.com", route: "r2"),
                ], policies: [], findings: [])
            func ids(_ filter: DecisionFilter) async throws -> [String] { try await archive.decisions(filter).map(\.id) }
            #expect(try await ids(DecisionFilter()) == ["4", "3", "2", "1"])
            #expect(try await ids(DecisionFilter(limit: 2)) == ["4", "3"])
            #expect(try await ids(DecisionFilter(isAscending: true)) == ["1", "2", "3", "4"])
            #expect(try await ids(DecisionFilter(since: 20)) == ["4", "3", "2"])
            #expect(try await ids(DecisionFilter(user: "u-ann@example.com")) == ["4", "3", "1"])
            #expect(try await ids(DecisionFilter(route: "name of r2", user: "ann@example.com")) == ["4"])
            #expect(try await ids(DecisionFilter(route: "r1", user: "ann@example.com", outcome: "forbidden")) == ["1"])
            #expect(try await ids(DecisionFilter(user: "' OR 1=1 --")) == [])
            #expect(try await ids(DecisionFilter(limit: -1)) == [])
            archive.close()
        }
    }

    /// Event loops hand over in turns, so what comes later may be older.
    @Test func listsByTimeAndNotInTheOrderOfWriting() async throws {
        try await Self.withDirectory { directory in
            let archive = try await DecisionArchive.open(directory: directory)
            try await archive.append(
                decisions: [Self.decision("b", time: 20), Self.decision("a", time: 10), Self.decision("c", time: 20)], policies: [], findings: [])
            #expect(try await archive.decisions(DecisionFilter()).map(\.id) == ["c", "b", "a"])
            var part = DecisionFilter(limit: 2, isAscending: true)
            #expect(try await archive.decisions(part).map(\.id) == ["a", "b"])
            part.offset = 2
            #expect(try await archive.decisions(part).map(\.id) == ["c"])
            archive.close()
        }
    }

    @Test func keepsTheNewestAndLetsNoStrangerPushOthersOut() async throws {
        try await Self.withDirectory { directory in
            let archive = try await DecisionArchive.open(directory: directory)
            try await archive.append(
                decisions: (0..<4).map { Self.decision("known-\($0)", email: "ann@example.com") } + (0..<100).map { Self.decision("stranger-\($0)") },
                policies: [.init(id: "p", text: "[]"), .init(id: "unused", text: "[]")], findings: [])
            #expect(try await archive.trim(.init(count: 10, age: 0), now: 100) == 95)
            #expect(try await archive.decisions(DecisionFilter(user: "ann@example.com")).count == 4)
            #expect(try await archive.decision(id: "stranger-99") != nil)
            #expect(try await archive.decision(id: "stranger-94") == nil)
            #expect(try await archive.policy(id: "p") != nil)
            #expect(try await archive.policy(id: "unused") == nil)
            #expect(try await archive.trim(.init(count: 10, age: 0), now: 100) == 0)
            archive.close()
        }
    }

    @Test func forgetsWhatIsTooOld() async throws {
        try await Self.withDirectory { directory in
            let archive = try await DecisionArchive.open(directory: directory)
            try await archive.append(
                decisions: [Self.decision("old", time: 99), Self.decision("new", time: 100)], policies: [],
                findings: [Self.finding("old", time: 99), Self.finding("new", time: 100)])
            try await archive.trim(.init(count: 10, age: 50), now: 150)
            #expect(try await archive.decisions(DecisionFilter()).map(\.id) == ["new"])
            #expect(try await archive.findings().map(\.email) == ["new"])
            try await archive.trim(.init(count: 0, age: 0), now: 150)
            #expect(try await archive.decisions(DecisionFilter()).isEmpty)
            archive.close()
        }
    }

    @Test func findingsAreAddedUpUntilTheShadowChanges() async throws {
        try await Self.withDirectory { directory in
            let archive = try await DecisionArchive.open(directory: directory)
            try await archive.append(decisions: [], policies: [], findings: [Self.finding("a", count: 2, time: 5), Self.finding("a", time: 9)])
            try await archive.append(decisions: [], policies: [], findings: [Self.finding("a", time: 9, change: .gains)])
            let found = try await archive.findings()
            #expect(found.map(\.change) == [.loses, .gains])
            #expect(found.first?.count == 3)
            #expect(found.first?.firstSeen == 5)
            #expect(found.first?.lastSeen == 9)
            #expect(found.first?.sampleRequestID == "id-9")
            try await archive.append(decisions: [], policies: [], findings: [Self.finding("b", policy: "other")])
            #expect(try await archive.findings(route: "one").map(\.email) == ["b"])
            #expect(try await archive.findings(route: "two").isEmpty)
            archive.close()
        }
    }

    @Test func findingsAreBounded() async throws {
        try await Self.withDirectory { directory in
            let archive = try await DecisionArchive.open(directory: directory)
            try await archive.append(
                decisions: [], policies: [],
                findings: (0..<DecisionArchive.maximumFindings + 50).map { Self.finding("p\($0)") } + [Self.finding("p0")])
            let found = try await archive.findings()
            #expect(found.count == DecisionArchive.maximumFindings)
            #expect(found.first { $0.email == "p0" }?.count == 2)
            archive.close()
        }
    }

    @Test func aDamagedFileIsAFaultAndNoCrash() async throws {
        try await Self.withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data(repeating: 7, count: 9000).write(to: URL(filePath: "\(directory)/decisions.sqlite"))
            await #expect(throws: RecordStoreError.self) { try await DecisionArchive.open(directory: directory) }
        }
    }
}
