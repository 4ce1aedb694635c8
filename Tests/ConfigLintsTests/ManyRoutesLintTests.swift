import PolicyLanguage
import ProxyConfig
import Testing

@testable import ConfigLints

/// The work grows with the number of routes, not with the number of pairs.
@Suite struct ManyRoutesLintTests {
    private static func steps(_ text: String) throws -> [String: Int] {
        let snapshot = try ConfigLoader(environment: [:], readFile: { _ in text }, now: { 0 }).load("config.yaml")
        let subject = LintSubject(snapshot, document: nil, text: nil, now: LintFixture.now, knownGroups: LintFixture.knownGroups)
        return Dictionary(uniqueKeysWithValues: ConfigLinter(now: LintFixture.now).run(subject).map { ($0.rule.code, $0.steps) })
    }

    /// Paths, prefixes and expressions on one host or on many, each with a group of its own.
    private static func text(routes: Int, hosts: Int) -> String {
        var text = LintRule.routes
        for index in 0..<routes {
            let match = ["path: /a\(index)", "prefix: /part-\(index)/", "prefix: /open-\(index)/", "regex: \"/x\(index)/[a-z]+\""][index % 4]
            text += "  - {from: \"https://h\(index % hosts).example.com\", to: \"http://127.0.0.1:1\", \(match), "
            text += "policy: {allow: {and: [{groups: {has: group-number-\(index)}}]}}}\n"
        }
        return text
    }

    @Test(arguments: [1, 400])
    func theWorkIsProportionalToTheRoutes(hosts: Int) throws {
        let (few, many) = (400, 1600)
        let small = try Self.steps(Self.text(routes: few, hosts: hosts == 1 ? 1 : few))
        let large = try Self.steps(Self.text(routes: many, hosts: hosts == 1 ? 1 : many))
        for (code, steps) in large {
            // The constant is for what stops growing early, such as the number of expressions of one host that are tried.
            #expect(steps <= 6 * (small[code] ?? 0) + 100, "\(code): \(small[code] ?? 0) steps, then \(steps)")
        }
        // Else the test could not fail.
        #expect(large.values.contains { $0 > few })
    }
}
