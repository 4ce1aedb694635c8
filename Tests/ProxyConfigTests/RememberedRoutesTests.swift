import Diagnostics
import Foundation
import PolicyLanguage
import Routing
import Synchronization
import Testing

@testable import ProxyConfig

/// A load that takes routes from the one before gives what a load of its own would give.
@Suite struct RememberedRoutesTests {
    private static let sample = """
        ---
        # a comment
        address: :8443
        authenticate_service_url: https://authenticate.example.com
        routes:
          # the first
          - from: https://a.example.com
            to: http://10.0.0.1:80
            policy:
              - allow:
                  or:
                    - domain:
                        is: example.com

          - from: https://b.example.com
            prefix: /api/
            to:
              - http://10.0.0.2
              - http://10.0.0.3
            allow_any_authenticated_user: true
            set_request_headers:
              X-Text: "two
                lines"
          - from: https://b.example.com
            to: http://10.0.0.2
            allow_any_authenticated_user: true
          # a comment between
          - {from: "https://c.example.com", to: "https://10.0.0.4", tls_custom_ca_file: ca.pem, allow_public_unauthenticated_access: true}
          - from: https://d.example.com
            response:
              status: 200
              body: |
                text
                  - from: https://not.a.route
            allow_public_unauthenticated_access: true
        log_level: debug
        pass_identity_headers: true
        """ + "\n"
    private static let files = ["ca.pem": "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"]

    private func load(_ text: String, after previous: ConfigSnapshot? = nil, files: [String: String] = files) -> Result<
        ConfigSnapshot, DiagnosticError
    > {
        let loader = SampleConfig.loader(text, files: files)
        return Result { () throws(DiagnosticError) in try loader.load("config.yaml", after: previous) }
    }

    private func text(_ result: Result<ConfigSnapshot, DiagnosticError>) -> String {
        switch result {
        case .success(let snapshot):
            let positions = snapshot.routes.map { route in
                let lines = snapshot.places.linesMoved(by: route)
                let policies = snapshot.places.policies(of: route) + route.shadow(movedByLines: lines)
                let places = policies.map { PolicySource($0).positions.joined(separator: " ") }
                let position = snapshot.places.position(of: route)?.description ?? ""
                return "\(route.id) \(position) \(route.rulesPosition(movedByLines: lines)?.description ?? "") \(places)"
            }
            return ConfigDump.text(snapshot) + snapshot.hash + "\n" + positions.joined(separator: "\n") + "\n\(snapshot.referencedFiles.sorted())"
        case .failure(let error): return error.report.rendered()
        }
    }

    @Test func keepsRoutesThatHaveNotChanged() throws {
        let before = try load(Self.sample).get()
        let after = try load(Self.sample.replacing("http://10.0.0.2\n    allow", with: "http://10.0.0.9\n    allow"), after: before).get()
        #expect(before.remembered != nil && after.remembered != nil)
        #expect(zip(before.routes, after.routes).map { $0 === $1 } == [true, true, false, true, true])
    }

    @Test func movesWhatFollows() throws {
        let before = try load(Self.sample).get()
        let added = Self.sample.replacing("  # a comment between\n", with: "  - from: https://new.example.com\n    to: http://10.0.0.8\n\n")
        let after = load(added, after: before)
        #expect(text(after) == text(load(added)))
        #expect(try after.get().routes.last === before.routes.last)
        // The last of the remembered routes was shadowed; its warning stands at its new line.
        let again = try load(added.replacing("https://d.example.com", with: "https://c.example.com"), after: after.get())
        #expect(text(again) == text(load(added.replacing("https://d.example.com", with: "https://c.example.com"))))
    }

    /// What a load does, in numbers: text of the file or of parts of it parsed, routes decoded, routes compiled.
    @Test func readsOnlyWhatHasChanged() throws {
        let before = try load(Self.sample).get()
        #expect(before.work == LoadWork(textsParsed: 1, routesDecoded: 5, routesCompiled: 5, filesRead: 2))
        func work(_ change: (String) -> String, files: [String: String] = Self.files) throws -> [Int] {
            let changed = change(Self.sample)
            let after = load(changed, after: before, files: files)
            #expect(text(after) == text(load(changed, files: files)))
            let work = try after.get().work
            #expect(work.filesRead == 2)
            return [work.textsParsed, work.routesDecoded, work.routesCompiled]
        }
        #expect(try work { $0 } == [1, 0, 0])
        #expect(try work { $0.replacing("is: example.com", with: "is: example.org") } == [2, 1, 1])
        #expect(try work { $0.replacing("status: 200", with: "status: 201") } == [2, 1, 1])
        // Two that are far apart.
        #expect(try work { $0.replacing("is: example.com", with: "is: x").replacing("status: 200", with: "status: 201") } == [3, 2, 2])
        // Lines above all of them, and in front of the list.
        #expect(try work { $0.replacing("  # the first\n", with: "  # one\n  # two\n") } == [1, 0, 0])
        #expect(try work { $0.replacing("# a comment\n", with: "# a comment\n# another\n") } == [1, 0, 0])
        #expect(
            try work { $0.replacing("  # the first\n", with: "  - {from: \"https://new.example.com\", to: \"http://10.0.0.7\"}\n") } == [2, 1, 1])
        // A setting that routes do not take, and one that they do.
        #expect(try work { $0.replacing("log_level: debug", with: "log_level: info") } == [1, 0, 0])
        #expect(try work { $0.replacing("pass_identity_headers: true\n", with: "pass_identity_headers: false\n") } == [1, 0, 5])
        // A file that one of them names.
        let certificate = ["ca.pem": "-----BEGIN CERTIFICATE-----\nMB==\n-----END CERTIFICATE-----\n"]
        #expect(try work({ $0 }, files: certificate) == [2, 1, 1])
    }

    @Test func keepsRoutesThatChangePlaces() throws {
        let before = try load(Self.sample).get()
        let first = try #require(Self.sample.range(of: "  - from: https://a"))
        let second = try #require(Self.sample.range(of: "  - from: https://b"))
        let third = try #require(Self.sample.range(of: "  - from: https://b", range: second.upperBound..<Self.sample.endIndex))
        let (a, b) = (Self.sample[first.lowerBound..<second.lowerBound], Self.sample[second.lowerBound..<third.lowerBound])
        let changed = Self.sample.replacing(a + b, with: b + a)
        let after = try load(changed, after: before).get()
        #expect(after.work == LoadWork(textsParsed: 1, filesRead: 2))
        #expect(text(.success(after)) == text(load(changed)))
        // And back again: nothing has moved since it was read.
        let again = try load(Self.sample, after: after).get()
        #expect(zip(again.routes, before.routes).allSatisfy { $0 === $1 })
    }

    @Test func checkingReadsAndParsesOnce() throws {
        for (from, isAccepted) in [("https://a.example.com", true), ("ftp://a.example.com", false)] {
            let reads = Counter()
            let text = Self.sample.replacing("https://a.example.com", with: from).replacing(
                "status: 200", with: isAccepted ? "status: 200" : "status: 1")
            let loader = ConfigLoader(
                environment: [:],
                readFile: { path in
                    reads.add(path)
                    return path == "config.yaml" ? text : Self.files[path] ?? ""
                })
            let examination = loader.examine("config.yaml")
            #expect(examination.isAccepted == isAccepted)
            #expect(examination.text == text && examination.document?["routes"]?.sequence?.count == 5)
            #expect(reads.counts == ["config.yaml": 1, "ca.pem": 1])
            if isAccepted { #expect(examination.snapshot?.work.textsParsed == 1) }
        }
    }

    private final class Counter: Sendable {
        private let byPath = Mutex<[String: Int]>([:])

        var counts: [String: Int] { byPath.withLock { $0 } }

        func add(_ path: String) { byPath.withLock { $0[path, default: 0] += 1 } }
    }

    @Test func readsRoutesAgainWhoseFilesHaveChanged() throws {
        let before = try load(Self.sample).get()
        let changed = ["ca.pem": "-----BEGIN CERTIFICATE-----\nMB==\n-----END CERTIFICATE-----\n"]
        let after = load(Self.sample, after: before, files: changed)
        #expect(text(after) == text(load(Self.sample, files: changed)))
        #expect(try after.get().routes[3].definition.upstreamTLS != before.routes[3].definition.upstreamTLS)
    }

    @Test func readsEverythingAgainWhereASettingHasChanged() throws {
        let before = try load(Self.sample).get()
        let changed = Self.sample.replacing("pass_identity_headers: true", with: "pass_identity_headers: false")
        #expect(text(load(changed, after: before)) == text(load(changed)))
    }

    private static let insertions = [
        "  - from: https://x.example.com\n    to: http://10.9.9.9\n    allow_any_authenticated_user: true\n", "- a\n", "other: 1\n", "---\n", "...\n",
        "  - &x from\n", "    to: http://10.1.1.1\n", "\n", "# comment\n", "  -\n", "  - \"\n", "      is: y\n", "  - |\n   text\n", "\t\n", "}\n",
        "%TAG\n", "  - {from: \"https://z.example.com\", to: \"http://10.3.3.3\"}\n", "routes:\n", "policy:\n", "        shadow: true\n",
        "  - &a {from: b}\n",
        "log_level: 'a\nroutes:\n  - b'\n", "x: |\n", "    name: \"a\n  - b\"\n", "    name: 'a\nb'\n", "#\n", "  # \n    # x\n",
        "    - z\n", "    prefix: /p\n", "  -   from: https://y.example.com\n      to: http://10.2.2.2\n", "'\n", "\u{85}\n", "  - ? a\n", " - b\n",
    ]

    /// Lines are removed, doubled, swapped and put in at random, and every result is read both ways, on top of what went before.
    @Test(arguments: 0..<8) func givesWhatALoadOfItsOwnGives(_ seed: UInt64) throws {
        var random = Random(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        var previous = try load(Self.sample).get()
        var lines = Self.sample.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) + "\n" }
        lines.removeLast()
        let original = lines
        for _ in 0..<250 {
            let index = Int(random.next() % UInt64(lines.count))
            switch random.next() % 6 {
            case 0: lines.remove(at: index)
            case 1: lines.insert(lines[index], at: index)
            case 2: lines.insert(Self.insertions[Int(random.next() % UInt64(Self.insertions.count))], at: index)
            case 3: lines.swapAt(index, Int(random.next() % UInt64(lines.count)))
            case 4: lines[index] = lines[index].replacing("0", with: "5")
            default: lines[index] = " " + lines[index]
            }
            let changed = lines.joined()
            let (quick, whole) = (load(changed, after: previous), load(changed))
            #expect(text(quick) == text(whole), "\(changed)")
            if let snapshot = try? quick.get() { previous = snapshot } else { lines = random.next() % 4 == 0 ? lines : original }
            if lines.count < 10 { lines = original }
        }
    }

    private struct Random {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }
}
