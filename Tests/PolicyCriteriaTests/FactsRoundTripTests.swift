import Diagnostics
import Foundation
import PolicyLanguage
import Testing

@testable import PolicyCriteria

/// What is kept of a decision must come to the same verdict again, for the facts and policies of all golden files.
@Suite struct FactsRoundTripTests {
    private static let now = UnixTime(iso8601: "2024-06-12T12:00:00Z") ?? UnixTime(seconds: 0)

    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        var policy: String
        var facts: String
        var testDescription: String { file }
    }

    static let cases: [Case] = GoldenPolicyTests.files.flatMap { file -> [Case] in
        guard let text = try? String(contentsOf: GoldenPolicyTests.folder.appending(path: file), encoding: .utf8) else { return [] }
        let sections = text.components(separatedBy: "\n-----\n")
        return stride(from: 1, to: sections.count, by: 2).map { Case(file: file, policy: sections[0], facts: sections[$0]) }
    }

    private static func parse(_ text: String) -> (facts: RequestFacts?, problems: String) {
        var report = DiagnosticReport()
        let facts = RequestFactsDocument.parse(text, file: "facts", now: UnixTime(seconds: 1), report: &report)
        return (facts, report.rendered())
    }

    private static func compile(_ text: String) -> CompiledPolicy? {
        var report = DiagnosticReport()
        return CompiledPolicy.compile(text, file: "policy", catalog: .standard, report: &report)
    }

    @Test func hasCases() {
        let usable = Self.cases.filter { Self.compile($0.policy) != nil && Self.parse($0.facts).facts != nil }
        #expect(usable.count > 150)
    }

    @Test(arguments: cases)
    func keptFactsComeToTheSameExplanation(_ example: Case) throws {
        var report = DiagnosticReport()
        guard let policy = Self.compile(example.policy),
            let facts = RequestFactsDocument.parse(example.facts, file: "facts", now: Self.now, report: &report)
        else { return }
        let (read, problems) = Self.parse(RequestFactsDocument.text(of: facts))
        let again = try #require(read, "\(problems)\n\(RequestFactsDocument.text(of: facts))")
        #expect(PolicyEvaluator.explain([policy], again) == PolicyEvaluator.explain([policy], facts))
        #expect(RequestFactsDocument.text(of: again) == RequestFactsDocument.text(of: facts))
    }

    @Test(arguments: cases)
    func keptPoliciesExplainAsTheirAuthorsDo(_ example: Case) throws {
        guard let policy = Self.compile(example.policy) else { return }
        var report = DiagnosticReport()
        let again = try #require(
            PolicySource(policy).compile(catalog: .standard, report: &report), "\(report.rendered())\n\(PolicySource(policy).text)")
        guard let facts = Self.parse(example.facts).facts else { return }
        #expect(PolicyEvaluator.explain([again], facts) == PolicyEvaluator.explain([policy], facts))
        #expect(PolicySource(again) == PolicySource(policy))
    }

    /// Texts that a reader of YAML might take for something else, or refuse.
    static let odd = [
        "", " ", "null", "true", "007", "1e3", "~", "- a", "a: b", "#x", "'", "\"", "\\", "\\u0041", "\u{0}", "\u{1f}", "\u{7f}", "\u{85}", "\u{a0}",
        "\u{2028}", "\u{2029}", "x\u{feff}", "\u{fffe}", "\u{ffff}", "\u{1F600}", "\u{10FFFF}", "e\u{301}", "a\nb\r\n\tc", "{\"a\":[1]}", "%41", "&a",
        "*a",
        "!!str x", "2024-06-12", "\u{d7ff}\u{e000}", "<<",
    ]

    @Test(arguments: odd)
    func anyTextSurvives(_ text: String) throws {
        let principal = Principal(
            sessionID: text, userID: text, email: text, directoryEmail: text,
            claims: [
                text: [.string(text), .null, .bool(true), .int(.min), .double(-0.1), .double(1e20), .double(.leastNonzeroMagnitude)], "none": [],
            ],
            groups: [text, "x"],
            deviceCredentials: [DeviceCredential(typeID: text, credentialID: text, enrollment: .init(id: text, approvedBy: text))],
            expiresAt: UnixTime(seconds: 2_000_000_000))
        let facts = RequestFacts(
            principal: principal, method: FactText(text), path: FactText("/" + text), host: FactText(text), query: FactText("token=secret"),
            headers: HeaderFacts([("User-Agent", "x" + text), ("Cookie", "secret=1")]), clientAddress: IPAddress("2001:db8::1"),
            hasClientAuthority: false, now: UnixTime(seconds: 1_700_000_000, nanoseconds: 123), mcp: .init(method: "tools/call", tool: FactText(text))
        )
        let kept = RequestFactsDocument.text(of: facts)
        let again = try #require(Self.parse(kept).facts, "\(Self.parse(kept).problems)\(kept)")
        let read = try #require(again.principal)
        #expect(read.email == text && read.userID == text && read.sessionID == text && read.directoryEmail == text && read.groups == [text, "x"])
        #expect(read.claims == principal.claims)
        #expect(read.deviceCredentials == principal.deviceCredentials && read.expiresAt == principal.expiresAt)
        #expect(again.path == facts.path && again.method == facts.method && again.mcp == facts.mcp && again.now == facts.now)
        #expect(again.clientAddress == facts.clientAddress && again.hasClientAuthority == false)
        #expect(!kept.contains("secret"))
    }

    /// Every name under which clients send secrets, and some that nobody thought of.
    @Test(arguments: [
        "Cookie", "Authorization", "authorization", "Proxy-Authorization", "X-Pomerium-Authorization", "X-Pomerium-Jwt-Assertion", "X-Api-Key",
        "X-Auth-Token", "X-Amz-Security-Token", "X-CSRF-Token", "X-Vault-Token", "Private-Token", "Referer", "X-Anything-Else", "Set-Cookie",
    ])
    func headersWithSecretsAreNotKept(_ name: String) {
        let facts = RequestFacts(
            headers: HeaderFacts([(name, "hunter2"), ("Origin", "https://a.example"), ("Accept", "*/*")]), now: UnixTime(seconds: 1))
        let kept = RequestFactsDocument.text(of: facts)
        #expect(!kept.contains("hunter2"))
        #expect(kept.contains("https://a.example"))
    }

    /// A record of the external data that the request does not have still tells whether a session is asked for.
    @Test(arguments: DirectoryRecord.ForeignKey.allCases)
    func recordsOfOthersAreNotKeptButCount(_ key: DirectoryRecord.ForeignKey) throws {
        let policy = try #require(Self.compile("allow: {and: [{record: {type: t, field: f, is: x}}]}"))
        let id = key == .requestIP ? "192.0.2.0/24" : "somebody"
        let records = DirectoryRecords([DirectoryRecord(type: "t", id: id, foreignKey: key, fields: ["f": [.string("private")]])])
        let facts = RequestFacts(clientAddress: IPAddress("198.51.100.1"), now: UnixTime(seconds: 1), directoryRecords: records)
        let kept = RequestFactsDocument.text(of: facts)
        #expect(!kept.contains("private") && !kept.contains("somebody"))
        let again = try #require(Self.parse(kept).facts)
        #expect(PolicyEvaluator.explain([policy], again) == PolicyEvaluator.explain([policy], facts))
    }

    @Test func base64IsThatOfEverybody() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
        }
    }
}
