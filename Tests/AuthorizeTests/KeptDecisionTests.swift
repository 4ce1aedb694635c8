import Decisions
import Foundation
import HTTPWire
import PolicyLanguage
import Records
import Routing
import Testing

@testable import Authorize

@Suite struct KeptDecisionTests {
    private static let members = "allow: {and: [{groups: {has: admins}}]}"

    private static func kept(_ fixture: AuthorizeFixture) async -> [DecidedRequest] {
        fixture.authorizer.handOver()
        fixture.decisions.finish()
        return await fixture.decisions.next()?.decisions ?? []
    }

    @Test func aDenialIsKeptWithItsFacts() async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(Self.members)
        let cookie = fixture.cookieHeader(try await fixture.signIn())
        let request = try fixture.request(
            "/a%20b?token=secret", route: route, headers: [cookie, "Authorization: Basic c2VjcmV0", "Accept: application/json"])
        #expect(try await fixture.decide(request).response?.status == 403)
        let decision = try #require(await Self.kept(fixture).first)
        #expect(decision.requestID == request.requestID && decision.status == 403 && decision.configurationHash == "hash")
        var recording = DecisionRecording()
        let (decisions, policies) = recording.stored([decision])
        let stored = try #require(decisions.first)
        #expect(stored.email == "ann@example.com" && stored.path == "/a b" && stored.outcome == "forbidden" && stored.reason == "groups-unauthorized")
        #expect(!stored.facts.lowercased().contains("cookie") && !stored.facts.contains("secret") && !stored.facts.contains("c2VjcmV0"))
        let explained = DecisionExplanation(stored, policy: policies.first)
        #expect(explained.problem == nil)
        #expect(explained.explanation == PolicyEvaluator.explain(route.access.policies, decision.facts))
        #expect(explained.changes.first?.contains("groups (policy:1:16) must be ") == true, "\(explained.changes)")
    }

    @Test(arguments: [
        ("application/json", "/", 401), ("application/grpc", "/", 401), ("text/html", "/", 0), ("application/json", "/robots.txt", 0),
    ])
    func beingSentToSignInIsNoDenial(_ accept: String, _ path: String, _ status: Int) async throws {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route(Self.members)
        let headers = accept == "text/html" ? AuthorizeFixture.browser : ["Accept: \(accept)", "Content-Type: \(accept)"]
        _ = try await fixture.decide(fixture.request(path, route: route, headers: headers))
        let kept = await Self.kept(fixture)
        #expect(kept.map(\.status) == (status == 0 ? [] : [status]))
    }

    @Test(arguments: [false, true])
    func whatIsAllowedIsKeptOnRequest(_ keepsAllowed: Bool) async throws {
        let fixture = try AuthorizeFixture(keepsAllowed: keepsAllowed)
        let route = try AuthorizeFixture.route("allow: {and: [{groups: {has: eng}}]}")
        let cookie = fixture.cookieHeader(try await fixture.signIn())
        #expect(try await fixture.decide(fixture.request(route: route, headers: [cookie])).permit != nil)
        let kept = await Self.kept(fixture)
        #expect(kept.map(\.verdict.outcome) == (keepsAllowed ? [.allowed] : []))
    }
}
