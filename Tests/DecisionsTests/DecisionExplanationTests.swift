import Diagnostics
import Foundation
import PolicyLanguage
import Records
import Routing
import Testing

@testable import Decisions

@Suite struct DecisionExplanationTests {
    private static func explain(_ policy: String, _ facts: RequestFacts) throws -> DecisionExplanation {
        let route = DecisionFixture.route([try DecisionFixture.policy(policy)])
        var recording = DecisionRecording()
        let (decisions, policies) = recording.stored([DecisionFixture.decided(route, facts)])
        return DecisionExplanation(try #require(decisions.first), policy: policies.first)
    }

    @Test func namesWhatIsMissing() throws {
        let explained = try Self.explain(
            "allow:\n  and:\n    - email: {is: ann@example.com}\n    - groups: {has: eng}\n", DecisionFixture.facts(email: "ann@example.com"))
        #expect(explained.problem == nil)
        #expect(explained.changes.count == 1)
        #expect(explained.changes[0].hasPrefix("the allow rule at config.yaml:2:3 must hold: groups (config.yaml:4:7) must be "))
        #expect(!explained.changes[0].contains("email"))
        #expect(
            explained.text.contains("+ email, config.yaml:3:7 (email-ok)")
                && explained.text.contains("- groups, config.yaml:4:7 (groups-unauthorized)"))
    }

    @Test func namesTheRuleThatDenies() throws {
        let explained = try Self.explain(
            "allow: {and: [{authenticated_user: true}]}\ndeny: {or: [{email: {is: bob@example.com}}, {groups: {has: x}}]}",
            DecisionFixture.facts(email: "bob@example.com"))
        #expect(explained.changes.count == 1)
        #expect(explained.changes[0].contains("the deny rule at config.yaml:2:8 must not hold: email"))
        #expect(!explained.changes[0].contains("groups"))
    }

    @Test(arguments: ["[]", "{}", "allow: {}"])
    func aPolicyWithoutRulesNeedsOne(_ policy: String) throws {
        let explained = try Self.explain(policy, DecisionFixture.facts(email: "ann@example.com"))
        #expect(explained.changes == ["the route needs a rule that allows; it has none"])
    }

    @Test func anonymousVisitorsAreToSignIn() throws {
        let explained = try Self.explain("allow: {and: [{email: {is: ann@example.com}}]}", DecisionFixture.facts())
        #expect(explained.changes.first == "somebody must be signed in; the request had no session")
        #expect(explained.text.contains("nobody signed in"))
    }

    @Test func anAllowedRequestNeedsNoChange() throws {
        let explained = try Self.explain("allow: {and: [{accept: true}]}", DecisionFixture.facts())
        #expect(explained.changes.isEmpty && explained.explanation?.outcome == .allowed)
    }

    @Test func jsonIsJSON() throws {
        let explained = try Self.explain(
            "allow: {and: [{email: {is: \"\\\"\u{1F600}\"}}]}", DecisionFixture.facts(email: "b\"\\\n@x", path: "/\u{85}"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(explained.json.utf8)) as? [String: Any])
        #expect(object["email"] as? String == "b\"\\\n@x")
        #expect((object["facts"] as? [String: Any])?["request"] != nil)
        #expect((object["explanation"] as? [String: Any])?["outcome"] as? String == "forbidden")
    }

    @Test func nothingSteersTheTerminal() throws {
        let explained = try Self.explain("allow: {and: [{http_path: {is: /x}}]}", DecisionFixture.facts(path: "/\u{1b}[2J\u{202e}\u{9b}1m"))
        #expect(explained.text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && !(0x7F..<0xA0 ~= $0.value) && $0.value != 0x202E) })
    }

    @Test func whatIsNoLongerKeptIsSaid() throws {
        let route = DecisionFixture.route([try DecisionFixture.policy("allow: {and: [{email: {is: a}}]}")])
        var recording = DecisionRecording()
        let (decisions, policies) = recording.stored([DecisionFixture.decided(route, DecisionFixture.facts())])
        var decision = try #require(decisions.first)
        #expect(DecisionExplanation(decision, policy: nil).problem == "the policy that decided is no longer kept")
        #expect(DecisionExplanation(decision, policy: StoredPolicy(id: "x", text: "no json")).problem != nil)
        decision.facts = ""
        #expect(DecisionExplanation(decision, policy: policies.first).problem == "the facts of this request were too large to keep")
        #expect(DecisionExplanation(decision, policy: policies.first).json.contains("\"facts\":null"))
        decision.facts = "{broken"
        #expect(DecisionExplanation(decision, policy: policies.first).problem?.contains("cannot be read") == true)
    }

    @Test func onePolicyIsKeptOnce() throws {
        let policy = try DecisionFixture.policy("allow: {and: [{email: {is: a}}]}")
        let other = try DecisionFixture.policy("allow: {and: [{email: {is: b}}]}")
        var recording = DecisionRecording()
        let facts = DecisionFixture.facts()
        let (decisions, policies) = recording.stored([
            DecisionFixture.decided(DecisionFixture.route([policy]), facts),
            DecisionFixture.decided(DecisionFixture.route([policy], id: "r2"), facts),
            DecisionFixture.decided(DecisionFixture.route([other], id: "r3"), facts),
        ])
        #expect(policies.count == 2)
        #expect(decisions[0].policyID == decisions[1].policyID && decisions[1].policyID != decisions[2].policyID)
        #expect(decisions[0].position == "config.yaml:1:1")
    }

    /// A reload that put lines in above a route leaves its policies as they are; records and explanations tell the new places.
    @Test func recordsTellWhereAMovedRouteStands() throws {
        var definition = RouteDefinition()
        definition.position = SourcePosition(file: "config.yaml", line: 1, column: 5)
        let policy = try DecisionFixture.policy("allow:\n  and:\n    - email: {is: ann@example.com}\n")
        let route = DecisionFixture.route([policy], definition: definition)
        var recording = DecisionRecording()
        let facts = DecisionFixture.facts(email: "bob@example.com")
        for line in [0, 40, 0, 7] {
            var decided = DecisionFixture.decided(route, facts)
            decided.linesMoved = line
            let (decisions, policies) = recording.stored([decided])
            #expect(decisions[0].position == "config.yaml:\(line + 1):1")
            let explained = DecisionExplanation(decisions[0], policy: policies.first)
            #expect(explained.text.contains("- email, config.yaml:\(line + 3):7"), "\(explained.text)")
        }
    }

    @Test func hugeFactsAreNotKept() throws {
        let facts = DecisionFixture.facts(email: "a@b", groups: (0..<40_000).map { "group-number-\($0)" })
        let route = DecisionFixture.route([try DecisionFixture.policy("allow: {and: [{groups: {has: x}}]}")])
        var recording = DecisionRecording()
        let stored = try #require(recording.stored([DecisionFixture.decided(route, facts)]).decisions.first)
        #expect(stored.facts.isEmpty && stored.email == "a@b")
    }
}

@Suite struct SinceTextTests {
    private static let now = UnixTime(seconds: 1_700_000_000)

    private static let moments: [(String, Int64)] = [
        ("7d", 1_699_395_200), ("1d12h", 1_699_870_400), ("90m", 1_699_994_600), ("0", 1_700_000_000), ("2023-11-14", 1_699_920_000),
        ("2023-11-14T00:00:01Z", 1_699_920_001),
    ]

    @Test(arguments: moments)
    func reads(_ text: String, _ seconds: Int64) {
        #expect(SinceText.parse(text, now: Self.now)?.seconds == seconds)
    }

    @Test(arguments: ["", "yesterday", "d", "7", "-1d", "7dd", "99999999999999999d", "1.5d", "292y", "7d-1h", "2023-13-01"])
    func refuses(_ text: String) {
        #expect(SinceText.parse(text, now: Self.now) == nil)
    }
}
