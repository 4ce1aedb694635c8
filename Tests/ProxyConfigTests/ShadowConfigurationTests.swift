import Diagnostics
import PolicyLanguage
import Routing
import Testing

@testable import ProxyConfig

@Suite struct ShadowConfigurationTests {
    private static func config(_ policy: String, head: String = "", host: String = "app", path: String = "/a/") -> String {
        """
        \(head)
        authenticate_service_url: https://authenticate.example.com
        routes:
          - from: https://\(host).example.com
            to: http://10.0.0.1
            prefix: \(path)
            policy: \(policy)
        """
    }

    private static let ann = "[{allow: {and: [{email: {is: ann@example.com}}]}}]"
    private static let everybody = "[{allow: {and: [{authenticated_user: true}]}}]"
    private static let watching = "shadow_config_file: next.yaml"

    private static func outcome(_ policies: [CompiledPolicy], _ email: String) -> PolicyOutcome {
        PolicyEvaluator.evaluate(
            policies, RequestFacts(principal: Principal(sessionID: "s", userID: "u", email: email), now: UnixTime(seconds: 1))
        ).outcome
    }

    @Test func watchesTheCandidateBesideWhatIsInForce() throws {
        let text = Self.config(Self.everybody, head: Self.watching)
        let snapshot = try SampleConfig.load(text, files: ["next.yaml": Self.config(Self.ann)])
        let access = try #require(snapshot.routes.first).access
        #expect(Self.outcome(access.policies, "bob@example.com") == .allowed)
        #expect(Self.outcome(access.shadow, "bob@example.com") == .forbidden)
        #expect(Self.outcome(access.shadow, "ann@example.com") == .allowed)
        #expect(snapshot.referencedFiles.contains("next.yaml"))
        #expect(snapshot.report.isEmpty)
        let other = try SampleConfig.load(text, files: ["next.yaml": Self.config(Self.everybody)])
        #expect(other.hash != snapshot.hash)
        #expect(other.routes.first?.access.shadow.isEmpty == true)
    }

    @Test func findsRoutesByOriginAndPathWhereTheDestinationChanges() throws {
        let next = Self.config(Self.ann).replacing("10.0.0.1", with: "10.0.0.2")
        let snapshot = try SampleConfig.load(Self.config(Self.everybody, head: Self.watching), files: ["next.yaml": next])
        #expect(snapshot.routes.first?.access.shadow.isEmpty == false)
    }

    @Test(arguments: ["other", "app"])
    func leavesRoutesAloneThatTheCandidateDoesNotHave(_ host: String) throws {
        let next = Self.config(Self.ann, host: host, path: host == "app" ? "/b/" : "/a/")
        let snapshot = try SampleConfig.load(Self.config(Self.everybody, head: Self.watching), files: ["next.yaml": next])
        #expect(snapshot.routes.first?.access.shadow.isEmpty == true)
    }

    @Test(arguments: ["routes: [", "routes: [{from: nonsense}]", "address: [1]"])
    func aBrokenCandidateIsAWarning(_ next: String) throws {
        let snapshot = try SampleConfig.load(Self.config(Self.everybody, head: Self.watching), files: ["next.yaml": next])
        #expect(snapshot.report.diagnostics.map(\.code) == ["shadow-config"])
        #expect(!snapshot.report.hasErrors && snapshot.report.diagnostics.first?.position?.file == "next.yaml")
        #expect(snapshot.routes.first?.access.shadow.isEmpty == true && snapshot.referencedFiles.contains("next.yaml"))
    }

    @Test func aMissingCandidateIsAWarning() throws {
        let snapshot = try SampleConfig.load(Self.config(Self.everybody, head: Self.watching))
        #expect(snapshot.report.diagnostics.map(\.code) == ["shadow-config"])
    }

    @Test func aCandidateHasNoCandidate() throws {
        let text = Self.config(Self.everybody, head: Self.watching)
        let next = Self.config(Self.ann, head: Self.watching)
        let snapshot = try SampleConfig.load(text, files: ["next.yaml": next])
        #expect(snapshot.routes.first?.access.shadow.isEmpty == false && snapshot.report.isEmpty)
    }

    @Test func aReloadOfTheSameTextSeesANewCandidate() throws {
        let text = Self.config(Self.everybody, head: Self.watching)
        let first = try SampleConfig.loader(text, files: ["next.yaml": Self.config(Self.ann)]).load("config.yaml")
        let second = try SampleConfig.loader(text, files: ["next.yaml": Self.config(Self.everybody)]).load("config.yaml", after: first)
        #expect(second.routes.first?.access.shadow.isEmpty == true)
        let third = try SampleConfig.loader(text, files: ["next.yaml": Self.config(Self.ann)]).load("config.yaml", after: second)
        #expect(third.routes.first?.access.shadow.isEmpty == false)
    }

    // MARK: shadow: true

    @Test func shadowRulesOfARouteAreWatched() throws {
        let policy = "[{allow: {and: [{authenticated_user: true}]}}, {shadow: true, deny: {or: [{email: {is: bob@example.com}}]}}]"
        let access = try #require(try SampleConfig.load(Self.config(policy)).routes.first).access
        #expect(Self.outcome(access.policies, "bob@example.com") == .allowed)
        #expect(Self.outcome(access.shadow, "bob@example.com") == .forbidden)
        #expect(Self.outcome(access.shadow, "ann@example.com") == .allowed)
    }

    @Test func aFaultInAShadowRuleIsAnErrorWithItsPosition() throws {
        let policy = "[{allow: {and: [{authenticated_user: true}]}}, {shadow: true, deny: {or: [{emial: {is: bob@example.com}}]}}]"
        let problems = SampleConfig.problems(Self.config(policy))
        #expect(problems.map(\.code) == ["unknown-criterion"] && problems.first?.position?.line == 7)
        // At a reload it does not close the route.
        let snapshot = try SampleConfig.loader(Self.config(policy)).loadTolerant("config.yaml")
        let access = try #require(snapshot.routes.first).access
        #expect(access.shadow.isEmpty && Self.outcome(access.policies, "bob@example.com") == .allowed)
    }
}
