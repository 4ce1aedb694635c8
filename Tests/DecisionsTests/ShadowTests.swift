import Diagnostics
import PolicyCriteria
import PolicyLanguage
import Records
import Routing
import Testing

@testable import Decisions

@Suite struct ShadowTests {
    private static func route(_ policy: String, shadow: String, id: String = "r1") throws -> CompiledRoute {
        DecisionFixture.route([try DecisionFixture.policy(policy)], id: id).watching([try DecisionFixture.policy(shadow)])
    }

    private static let everybody = "allow: {and: [{authenticated_user: true}]}"
    private static let ann = "allow: {and: [{email: {is: ann@example.com}}]}"

    private static func compare(_ buffer: DecisionBuffer, _ route: CompiledRoute, _ facts: RequestFacts, number: UInt64 = 1) {
        let isAllowed = PolicyEvaluator.evaluate(route.access.policies, facts).outcome == .allowed
        buffer.compare(route, facts, isAllowed: isAllowed, requestID: RequestID(high: 0, low: number))
    }

    @Test func countsAndNamesWhoGainsAndLoses() async throws {
        let queue = DecisionQueue()
        let buffer = DecisionBuffer(queue: queue)
        let narrower = try Self.route(Self.everybody, shadow: Self.ann)
        let wider = try Self.route(Self.ann, shadow: Self.everybody, id: "r2")
        for (number, email) in ["ann", "bob", "bob"].enumerated() {
            Self.compare(
                buffer, narrower, DecisionFixture.facts(email: "\(email)@example.com", at: 1_700_000_000 + Int64(number)), number: UInt64(number))
        }
        Self.compare(buffer, wider, DecisionFixture.facts(email: "bob@example.com"))
        Self.compare(buffer, wider, DecisionFixture.facts())
        buffer.handOver()
        let counts = try #require(queue.shadowCounts["app"])
        #expect(counts.loses == 2 && counts.gains == 1 && counts.same == 2)
        var recording = DecisionRecording()
        let findings = recording.findings(try #require(await queue.next()).changes)
        #expect(findings.count == 2)
        let loss = try #require(findings.first { $0.change == .loses })
        #expect(loss.routeID == "r1" && loss.email == "bob@example.com" && loss.count == 2)
        #expect(loss.lastSeen - loss.firstSeen == 1_000_000_000 && loss.sampleRequest == "GET /")
        #expect(loss.sampleRequestID == RequestID(high: 0, low: 1).description)
        #expect(findings.first { $0.change == .gains }?.routeID == "r2")
        #expect(Set(findings.map(\.policyID)).count == 2)
        // Counted once.
        buffer.handOver()
        Self.compare(buffer, narrower, DecisionFixture.facts(email: "ann@example.com"))
        buffer.handOver()
        #expect(queue.shadowCounts["app"]?.same == 3)
    }

    @Test func namesAreBoundedAndCountsAreNot() async throws {
        let queue = DecisionQueue()
        let buffer = DecisionBuffer(queue: queue)
        let route = try Self.route(Self.everybody, shadow: Self.ann)
        for round in 0..<20 {
            for number in 0..<ShadowTallies.capacity + 10 {
                Self.compare(buffer, route, DecisionFixture.facts(email: "p\(round)-\(number)@example.com"))
            }
            buffer.handOver()
        }
        #expect(queue.shadowCounts["app"]?.loses == UInt64(20 * (ShadowTallies.capacity + 10)))
        #expect(await queue.next()?.changes.count == DecisionQueue.changeCapacity)
    }

    // MARK: shadow: true

    private static func document(_ text: String) throws -> PolicyDocument {
        var report = DiagnosticReport()
        return try #require(PolicyDocument.parse(text, file: "p", report: &report), "\(report.rendered())")
    }

    @Test func shadowRulesDecideNothingUntilTheyAreAskedTo() throws {
        let document = try Self.document("[{allow: {and: [{accept: true}]}}, {shadow: true, deny: {or: [{http_path: {is: /x}}]}, allow: {}}]")
        #expect(document.hasShadow && document.rules.map(\.isShadow) == [false, true, true])
        var report = DiagnosticReport()
        let inForce = try #require(CompiledPolicy(document, catalog: .standard, report: &report))
        let asIfInForce = try #require(CompiledPolicy(document, catalog: .standard, includingShadow: true, report: &report))
        let facts = DecisionFixture.facts(path: "/x")
        #expect(PolicyEvaluator.evaluate([inForce], facts).outcome == .allowed)
        #expect(PolicyEvaluator.evaluate([asIfInForce], facts).outcome == .forbidden)
        #expect(document.hasSameRules(as: try Self.document("[{allow: {and: [{accept: true}]}}]")))
        let kept = try #require(PolicySource(inForce).document(report: &report))
        #expect(kept.rules.map(\.isShadow) == [false, true, true])
    }

    @Test func shadowFalseIsAnOrdinaryRule() throws {
        #expect(try Self.document("{shadow: false, allow: {and: [{accept: true}]}}").hasShadow == false)
    }

    @Test(arguments: [
        ("{shadow: maybe, allow: {}}", "p:1:10: error: invalid rules in policy: shadow must be true or false, got maybe [policy-structure]"),
        ("{shadow: [true]}", "p:1:10: error: invalid rules in policy: shadow must be true or false, got list [policy-structure]"),
        ("{explanation: {}}", "p:1:15: error: invalid rules in policy: explanation must be a string, got object [policy-structure]"),
        (
            "{shadwo: true}",
            "p:1:2: error: invalid rules in policy: invalid action in rule: unsupported action: shadwo [unknown-action]\n  help: did you mean shadow?"
        ),
    ])
    func problemsHavePositions(_ text: String, _ expected: String) {
        var report = DiagnosticReport()
        #expect(PolicyDocument.parse(text, file: "p", report: &report) == nil)
        #expect(report.sorted.map(\.description) == [expected])
    }

    @Test func notesTellWhatBecameOfTheirRules() throws {
        let policy = try DecisionFixture.policy(
            """
            - {explanation: staff, remediation: ask, allow: {and: [{groups: {has: staff}}]}}
            - {explanation: not Bob, allow: {and: [{authenticated_user: true}]}, deny: {or: [{email: {is: bob@example.com}}]}}
            - {shadow: true, explanation: unseen, allow: {and: [{accept: true}]}}
            """)
        let bob = PolicyEvaluator.notes([policy], DecisionFixture.facts(email: "bob@example.com"))
        #expect(bob.map(\.explanation) == ["staff", "not Bob"] && bob.map(\.effect) == [.neither, .deny] && bob[0].remediation == "ask")
        let ann = PolicyEvaluator.notes([policy], DecisionFixture.facts(email: "ann@example.com", groups: ["staff"]))
        #expect(ann.map(\.effect) == [.allow, .allow])
    }
}

@Suite struct PolicyReplayTests {
    private static func replay(_ new: PolicyReplay.Candidate, options: String = "[]", policy: String) async throws -> PolicyReplay {
        let route = DecisionFixture.route([
            try DecisionFixture.policy(options, label: PolicySet.optionsLabel), try DecisionFixture.policy(policy),
        ])
        var recording = DecisionRecording()
        let people = ["ann@example.com", "bob@example.com", "bob@example.com", nil]
        let (decisions, policies) = recording.stored(
            people.enumerated().map {
                DecisionFixture.decided(route, DecisionFixture.facts(email: $1, at: 1_700_000_000 + Int64($0)), number: UInt64($0))
            })
        var replay = PolicyReplay(new)
        for decision in decisions { await replay.add(decision) { id in policies.first { $0.id == id } } }
        return replay
    }

    private static func document(_ text: String) throws -> PolicyReplay.Candidate {
        var report = DiagnosticReport()
        return .document(try #require(PolicyDocument.parse(text, file: "new", report: &report)))
    }

    @Test func findsWhoLosesAndWhoGains() async throws {
        let replay = try await Self.replay(
            Self.document("allow: {and: [{email: {is: bob@example.com}}]}"), policy: "allow: {and: [{email: {is: ann@example.com}}]}")
        #expect(replay.counts.loses == 1 && replay.counts.gains == 2 && replay.counts.same == 1 && replay.allowed == 1)
        #expect(replay.findings.map(\.change) == [.loses, .gains])
        #expect(replay.findings.map(\.email) == ["ann@example.com", "bob@example.com"])
        #expect(replay.findings[1].count == 2)
        let text = replay.text(since: UnixTime(seconds: 0))
        #expect(text.contains("would lose  ann@example.com  1 request,") && text.contains("would gain  bob@example.com  2 requests,"))
        #expect(!text.contains("note:"))
    }

    @Test func theOptionsOfTheRouteStay() async throws {
        let replay = try await Self.replay(
            Self.document("[]"), options: "allow: {or: [{email: {is: ann@example.com}}]}", policy: "allow: {and: [{authenticated_user: true}]}")
        #expect(replay.counts.loses == 2 && replay.findings.map(\.email) == ["bob@example.com"])
    }

    @Test func saysThatNothingAllowedIsKept() async throws {
        let replay = try await Self.replay(Self.document("allow: {and: [{accept: true}]}"), policy: "deny: {or: [{accept: true}]}")
        #expect(replay.allowed == 0 && replay.counts.gains == 4)
        #expect(replay.text(since: UnixTime(seconds: 0)).contains("set decision_log_allowed: true"))
        #expect(replay.text(since: UnixTime(seconds: 0)).contains("visitors who are not signed in"))
    }

    @Test func routesThatAreGoneArePassedOver() async throws {
        let other = [try DecisionFixture.policy("allow: {and: [{accept: true}]}")]
        let gone = try await Self.replay(.routes(["other": other]), policy: "deny: {or: [{accept: true}]}")
        #expect(gone.skipped == ["the new configuration has no such route": 4] && gone.findings.isEmpty)
        let there = try await Self.replay(.routes(["r1": other]), policy: "deny: {or: [{accept: true}]}")
        #expect(there.counts.gains == 4)
    }
}
