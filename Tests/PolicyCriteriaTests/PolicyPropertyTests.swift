import Diagnostics
import PolicyCriteria
import PolicyLanguage
import Testing

/// Laws that hold for every policy, on random policies and requests.
@Suite struct PolicyPropertyTests {
    private static let requestCriteria = [
        "http_method: GET", "http_method: {not: GET}", "http_path: {starts_with: /a}", "source_ip: 10.0.0.0/8", "date: {before: 2024-06-12}",
        "cors_preflight: true", "accept: true", "reject: true", "invalid_client_certificate: true",
    ]
    private static let identityCriteria = [
        "email: a@example.com", "email: {not: a@example.com}", "domain: example.com", "user: {in: [u1, u2]}", "authenticated_user: true",
        "claim/role: admin", "claim/role: {exclude: admin}", "groups: {exclude: g1}", "groups: g1",
    ]

    private static func conditional(_ random: inout SplitMix64, from criteria: [String]) -> String {
        let connective = ["and", "or", "not", "nor"].randomElement(using: &random) ?? "and"
        let list = (0..<Int.random(in: 1...4, using: &random)).map { _ in "{" + (criteria.randomElement(using: &random) ?? "") + "}" }
        return "{\(connective): [\(list.joined(separator: ", "))]}"
    }

    private static func compile(_ text: String) throws -> CompiledPolicy {
        var report = DiagnosticReport()
        let policy = CompiledPolicy.compile(text, file: "p", catalog: .standard, report: &report)
        return try #require(policy, "\(report.rendered())")
    }

    private static func facts(_ random: inout SplitMix64, anonymous: Bool? = nil) -> RequestFacts {
        let session = anonymous.map { !$0 } ?? Bool.random(using: &random)
        let role: [ClaimValue] = Bool.random(using: &random) ? [.string("admin")] : []
        let principal = Principal(
            sessionID: "s", userID: ["u1", "u3", ""].randomElement(using: &random) ?? "",
            email: ["a@example.com", "b@example.org", ""].randomElement(using: &random) ?? "", claims: ["role": role],
            groups: [["g1"], [], nil].randomElement(using: &random) ?? nil)
        return RequestFacts(
            principal: session ? principal : nil, method: Bool.random(using: &random) ? "GET" : "OPTIONS",
            path: Bool.random(using: &random) ? "/a/b" : "/b",
            headers: Bool.random(using: &random) ? HeaderFacts([("Origin", "x"), ("Access-Control-Request-Method", "PUT")]) : .none,
            clientAddress: IPAddress(Bool.random(using: &random) ? "10.1.1.1" : "9.1.1.1"),
            now: UnixTime(seconds: Bool.random(using: &random) ? 1_718_000_000 : 1_719_000_000))
    }

    @Test func denyWins() throws {
        var random = SplitMix64(seed: 10)
        for _ in 0..<400 {
            let all = Self.requestCriteria + Self.identityCriteria
            let policy = try Self.compile(
                "- allow: \(Self.conditional(&random, from: all))\n- deny: \(Self.conditional(&random, from: all))")
            for _ in 0..<8 {
                let verdict = PolicyEvaluator.evaluate(policy, Self.facts(&random))
                if verdict.deny { #expect(verdict.outcome != .allowed) }
                if verdict.outcome == .allowed { #expect(verdict.allow && !verdict.deny) }
            }
        }
    }

    @Test func orderNeverMatters() throws {
        var random = SplitMix64(seed: 11)
        let all = Self.requestCriteria + Self.identityCriteria
        for _ in 0..<200 {
            let rules = (0..<4).map { _ in "\(Bool.random(using: &random) ? "allow" : "deny"): \(Self.conditional(&random, from: all))" }
            let policy = try Self.compile(rules.map { "- \($0)" }.joined(separator: "\n"))
            let shuffled = try rules.shuffled(using: &random).map { try Self.compile($0) }
            for _ in 0..<8 {
                let facts = Self.facts(&random)
                #expect(PolicyEvaluator.evaluate(policy, facts) == PolicyEvaluator.evaluate(shuffled, facts))
            }
        }
    }

    @Test func orderInsideAConditionalNeverMatters() throws {
        var random = SplitMix64(seed: 12)
        let all = Self.requestCriteria + Self.identityCriteria
        for connective in ["and", "or", "not", "nor"] {
            for _ in 0..<50 {
                let criteria = all.shuffled(using: &random).prefix(4).map { "{\($0)}" }
                let one = try Self.compile("allow: {\(connective): [\(criteria.joined(separator: ", "))]}")
                let other = try Self.compile("allow: {\(connective): [\(criteria.reversed().joined(separator: ", "))]}")
                let facts = Self.facts(&random)
                #expect(PolicyEvaluator.evaluate(one, facts) == PolicyEvaluator.evaluate(other, facts))
            }
        }
    }

    @Test(arguments: requestCriteria + identityCriteria)
    func invertingIsTheComplement(criterion: String) throws {
        var random = SplitMix64(seed: 13)
        let identity = Self.identityCriteria.contains(criterion)
        let plain = try Self.compile("allow: {or: [{\(criterion)}]}")
        for connective in ["not", "nor"] {
            let inverted = try Self.compile("allow: {\(connective): [{\(criterion)}]}")
            for _ in 0..<50 {
                let facts = Self.facts(&random)
                let verdict = PolicyEvaluator.evaluate(plain, facts)
                let inverse = PolicyEvaluator.evaluate(inverted, facts)
                #expect(inverse.allowReasons == verdict.allowReasons)
                #expect(inverse.allow == !verdict.allow)
                if identity, facts.principal == nil {
                    #expect(!verdict.allow)
                    #expect(inverse.outcome == .login)
                }
            }
        }
    }

    /// Of whole lists too, with whatever criteria, with and without a session.
    @Test func notIsTheComplementOfOrAndNorOfAnd() throws {
        var random = SplitMix64(seed: 17)
        let all = Self.requestCriteria + Self.identityCriteria
        for (connective, inverse) in [("or", "not"), ("and", "nor")] {
            for _ in 0..<150 {
                let criteria = (0..<Int.random(in: 1...5, using: &random)).map { _ in "{\(all.randomElement(using: &random) ?? "")}" }
                let plain = try Self.compile("allow: {\(connective): [\(criteria.joined(separator: ", "))]}")
                let inverted = try Self.compile("allow: {\(inverse): [\(criteria.joined(separator: ", "))]}")
                for _ in 0..<6 {
                    let facts = Self.facts(&random)
                    #expect(PolicyEvaluator.evaluate(plain, facts).allow == !PolicyEvaluator.evaluate(inverted, facts).allow)
                }
            }
        }
    }

    @Test func identityCriteriaNeverLetAnAnonymousVisitorIn() throws {
        var random = SplitMix64(seed: 14)
        for _ in 0..<400 {
            let policy = try Self.compile("allow: \(Self.conditional(&random, from: Self.identityCriteria))")
            #expect(!policy.admitsAnonymous)
            let facts = Self.facts(&random, anonymous: true)
            #expect(PolicyEvaluator.evaluate(policy, facts).outcome == .login)
        }
    }

    @Test func whatAdmitsNoAnonymousAllowsNone() throws {
        var random = SplitMix64(seed: 15)
        let all = Self.requestCriteria + Self.identityCriteria
        for _ in 0..<400 {
            let policy = try Self.compile("allow: \(Self.conditional(&random, from: all))")
            for _ in 0..<8 {
                let verdict = PolicyEvaluator.evaluate(policy, Self.facts(&random, anonymous: true))
                if verdict.outcome == .allowed { #expect(policy.admitsAnonymous) }
            }
        }
    }

    @Test func explanationsAgreeWithTheVerdict() throws {
        var random = SplitMix64(seed: 16)
        let all = Self.requestCriteria + Self.identityCriteria
        for _ in 0..<100 {
            let policy = try Self.compile(
                "- allow: \(Self.conditional(&random, from: all))\n- deny: \(Self.conditional(&random, from: all))")
            let facts = Self.facts(&random)
            let verdict = PolicyEvaluator.evaluate(policy, facts)
            let explanation = PolicyEvaluator.explain([policy], facts)
            #expect(explanation.outcome == verdict.outcome)
            #expect(explanation.allowReasons == verdict.allowReasons.codes)
            #expect(explanation.policies[0].allow.contains { $0.result } == verdict.allow)
            #expect(explanation.policies[0].deny.contains { $0.result } == verdict.deny)
        }
    }
}
