import Diagnostics
import PolicyCriteria
import PolicyLanguage
import Testing

@Suite struct RouteBasePolicyTests {
    private func verdict(_ base: RouteBasePolicy, _ facts: RequestFacts) throws -> PolicyVerdict {
        var report = DiagnosticReport()
        let policy = try #require(base.compile(file: "route", report: &report))
        #expect(report.isEmpty)
        return PolicyEvaluator.evaluate(policy, facts)
    }

    private let now = UnixTime(seconds: 0)
    private let alice = Principal(sessionID: "s", userID: "u1", email: "alice@example.com", claims: ["role": [.string("dev")], "level": [.int(3)]])

    @Test func noOptionIsNoPolicy() {
        var report = DiagnosticReport()
        #expect(RouteBasePolicy().compile(file: "route", report: &report) == nil)
        #expect(report.isEmpty)
    }

    @Test func publicAccessAllowsEverybody() throws {
        var base = RouteBasePolicy()
        base.allowPublicUnauthenticatedAccess = true
        #expect(try verdict(base, RequestFacts(now: now)).outcome == .allowed)
    }

    @Test func preflightPassesWithoutASession() throws {
        var base = RouteBasePolicy()
        base.corsAllowPreflight = true
        base.allowAnyAuthenticatedUser = true
        let headers = HeaderFacts([("Origin", "https://a"), ("Access-Control-Request-Method", "PUT")])
        #expect(try verdict(base, RequestFacts(method: "OPTIONS", headers: headers, now: now)).outcome == .allowed)
        #expect(try verdict(base, RequestFacts(method: "GET", headers: headers, now: now)).outcome == .login)
        #expect(try verdict(base, RequestFacts(principal: alice, now: now)).allowReasons == [.userOK])
    }

    @Test(arguments: [("u1", true), ("alice@example.com", true), ("bob", false)])
    func allowedUsersAreIdsOrEmails(user: String, allowed: Bool) throws {
        var base = RouteBasePolicy()
        base.allowedUsers = ["x", user]
        let verdict = try verdict(base, RequestFacts(principal: alice, now: now))
        #expect(verdict.allow == allowed)
        if !allowed { #expect(verdict.allowReasons == [.userUnauthorized, .emailUnauthorized]) }
    }

    @Test func domainsAndClaimsAreAlternatives() throws {
        var base = RouteBasePolicy()
        base.allowedDomains = ["other.org", "Example.com"]
        #expect(try verdict(base, RequestFacts(principal: alice, now: now)).allowReasons == [.domainOK])
        base.allowedDomains = ["other.org"]
        base.allowedIDPClaims = ["level": [.int(3)], "role": [.string("ops")]]
        let byClaim = try verdict(base, RequestFacts(principal: alice, now: now))
        #expect(byClaim.allow && byClaim.allowReasons == [.claimOK])
        base.allowedIDPClaims = ["level": [.string("3")]]
        #expect(try verdict(base, RequestFacts(principal: alice, now: now)).allowReasons == [.domainUnauthorized, .claimUnauthorized])
    }

    @Test func aDenyRuleOfThePolicyStillRefuses() throws {
        var base = RouteBasePolicy()
        base.allowAnyAuthenticatedUser = true
        var report = DiagnosticReport()
        let policy = try #require(base.compile(file: "route", report: &report))
        let deny = try #require(CompiledPolicy.compile("deny: {or: [user: u1]}", file: "p", catalog: .standard, report: &report))
        let facts = RequestFacts(principal: alice, now: now)
        #expect(PolicyEvaluator.evaluate([policy, deny], facts).outcome == .forbidden)
        #expect(PolicyEvaluator.evaluate(policy.joined(with: deny), facts).outcome == .forbidden)
    }

    @Test func theCertificateRuleAsksForACertificate() throws {
        var report = DiagnosticReport()
        let document = RouteBasePolicy.requiringClientCertificate(file: "route")
        let policy = try #require(CompiledPolicy(document, catalog: .standard, report: &report))
        #expect(PolicyEvaluator.evaluate(policy, RequestFacts(now: now)).outcome == .clientCertificate)
        #expect(PolicyEvaluator.evaluate(policy, RequestFacts(hasClientAuthority: false, now: now)).outcome == .forbidden)
        #expect(policy.dependencies == .clientCertificate)
    }
}
