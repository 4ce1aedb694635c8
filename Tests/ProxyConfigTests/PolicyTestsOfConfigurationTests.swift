import Diagnostics
import PolicyLanguage
import Routing
import Testing

@testable import ProxyConfig

@Suite struct PolicyTestsOfConfigurationTests {
    private static let sample = """
        tests:
          - name: public
            as: anonymous
            request: https://open.localhost/a
            expect: allow
        routes:
          - from: https://open.localhost
            to: http://10.0.0.1
            allow_public_unauthenticated_access: true
          - from: https://app.localhost
            prefix: /app/
            to: http://10.0.0.2
            policy:
              - allow:
                  and:
                    - groups: eng
                    - http_method: GET
                deny:
                  or:
                    - source_ip: 192.0.2.0/24
            tests:
              - name: engineers
                as: {email: ann@example.com, groups: [eng]}
                request: {method: GET, ip: 10.0.0.1}
                expect: allow
              - {name: anonymous, as: anonymous, expect: login}
              - name: writing
                as: {email: ann@example.com, groups: [eng]}
                request: {path: /app/x?y=1, method: POST}
                expect: deny
                reasons: [http-method-unauthorized]
              - name: from outside
                as: {email: ann@example.com, groups: [eng]}
                request: {ip: 192.0.2.7}
                expect: forbidden
                reasons: [source-ip-ok]

        """

    @Test func passesWhatComesOut() throws {
        let snapshot = try SampleConfig.load(Self.sample)
        #expect(snapshot.report.isEmpty)
        let results = PolicyTestRunner.run(snapshot, now: UnixTime(seconds: 0))
        #expect(results.map(\.test.name) == ["public", "engineers", "anonymous", "writing", "from outside"])
        #expect(results.allSatisfy { $0.passed })
        #expect(results.map { $0.finding.route?.name } == ["open.localhost"] + Array(repeating: "app.localhost", count: 4))
    }

    @Test func refusesTheWholeWithOneErrorForEachFailedTest() {
        let red = Self.sample.replacing("expect: login", with: "expect: allow").replacing("[source-ip-ok]", with: "[domain-unauthorized]")
        let problems = SampleConfig.problems(red)
        #expect(problems.map(\.code) == ["policy-test", "policy-test"])
        #expect(problems.map { $0.position?.line } == [26, 32])
        #expect(problems[0].message == "test \"anonymous\" failed: expected allow, got login (source-ip-unauthorized, user-unauthenticated)")
        #expect(problems[0].help?.contains("groups at config.yaml:16:15 wants has \"eng\", saw no session") == true)
        #expect(problems[1].message.contains("expected forbidden because of domain-unauthorized, got forbidden"))
    }

    @Test(arguments: [
        ("expect: login", "expct: login", "unexpected field in test: expct"), ("expect: login", "expect: maybe", "for test.expect, got: maybe"),
        ("[source-ip-ok]", "[source-ip]", "unknown reason source-ip, did you mean source-ip-ok?"),
        ("as: anonymous, ", "", "a test needs as: an e-mail address, an object, or anonymous"),
        ("ip: 192.0.2.7", "ip: nine", "for test.request.ip, got: nine"), ("name: writing", "nam: writing", "a test needs a name"),
        ("request: https://open.localhost/a", "request: /a", "a test outside a route needs request with a url"),
        ("request: https://open.localhost/a", "request: open.localhost", "url does not contain a valid scheme"),
        ("tests:\n  - name: public", "tests: 5\nx:\n  - name: public", "tests must be a list of tests"),
        ("groups: [eng]}\n        request: {path", "groups: eng}\n        request: {path", "for test.as.groups, got: eng"),
    ])
    func tellsWhatCannotBeRead(text: String, replacement: String, message: String) {
        let changed = Self.sample.replacing(text, with: replacement)
        #expect(changed != Self.sample)
        let problems = SampleConfig.problems(changed)
        #expect(problems.contains { $0.severity == .error && $0.message.contains(message) && $0.position?.line ?? 0 > 0 }, "\(problems)")
    }

    @Test func aTestBesideARouteIsAboutThatRoute() {
        let hidden = SampleConfig.problems(
            Self.sample.replacing("routes:\n", with: "routes:\n  - {from: \"https://app.localhost\", to: \"http://10.0.0.3\"}\n"))
        #expect(hidden.contains { $0.message.contains("another one serves the request") })
    }

    @Test func aPersonHasTheClaimsOfASignIn() throws {
        let text = SampleConfig.route(
            """
            to: http://10.0.0.1
            policy: [{allow: {and: [{claim/email: ann@example.com}, {claim/groups: eng}, {claim/level: 3}]}}]
            tests: [{name: x, as: {email: ann@example.com, groups: [eng], claims: {level: 3}}, expect: allow}]
            """)
        #expect(try SampleConfig.load(text).report.isEmpty)
        #expect(SampleConfig.problems(text.replacing("level: 3}}", with: "level: \"3\"}}")).map(\.code) == ["policy-test"])
    }

    @Test func warnsAboutACertificateRuleThatCannotHold() throws {
        let text = SampleConfig.route(
            "to: http://10.0.0.1\npolicy: [{allow: {or: [accept: true]}, deny: {or: [invalid_client_certificate: true]}}]")
        let problems = try SampleConfig.load(text).report.sorted
        #expect(problems.contains { $0.code == "never-passes" && $0.position?.column ?? 0 > 0 })
    }

    @Test func wantsAMomentWherePoliciesLookAtTheClock() throws {
        let text = SampleConfig.route(
            "to: http://10.0.0.1\npolicy: [{allow: {or: [date: {after: 2020-01-01}]}}]\ntests: [{name: late, as: anonymous, expect: allow}]")
        #expect(try SampleConfig.load(text).report.diagnostics.map(\.code) == ["test-without-time"])
        let fixed = text.replacing("expect: allow", with: "at: 2019-01-01, expect: deny, reasons: date-unauthorized")
        #expect(try SampleConfig.load(fixed).report.isEmpty)
        #expect(SampleConfig.problems(fixed.replacing("2019", with: "2021")).map(\.code) == ["policy-test"])
    }

    @Test func tellsTheLinesOfTheNewTextAfterAReload() throws {
        let before = try SampleConfig.load(Self.sample)
        let shifted = Self.sample.replacing(
            "routes:\n", with: "routes:\n  - from: https://new.localhost\n    to: http://10.0.0.9\n    allow_any_authenticated_user: true\n")
        let after = try SampleConfig.loader(shifted).load("config.yaml", after: before)
        #expect(PolicyTestRunner.run(after, now: UnixTime(seconds: 0)).allSatisfy { $0.passed })
        let red = shifted.replacing("http_method: GET", with: "http_method: PUT")
        do {
            _ = try SampleConfig.loader(red).load("config.yaml", after: before)
            Issue.record("a failed test was passed over")
        } catch {
            #expect(error.report.sorted.map { $0.position?.line } == [25])
            #expect(error.report.sorted[0].help?.contains("http_method at config.yaml:20:15") == true)
        }
    }
}
