import Diagnostics
import PolicyCriteria
import PolicyLanguage
import Testing

/// Documents that are made to hurt end in a diagnostic, or work, within bounds.
@Suite struct PathologicalPolicyTests {
    private static func compile(_ text: String) -> (policy: CompiledPolicy?, codes: Set<String>) {
        var report = DiagnosticReport()
        let policy = CompiledPolicy.compile(text, file: "policy", catalog: .standard, report: &report)
        return (policy, Set(report.diagnostics.map(\.code)))
    }

    private static func nested(_ open: String, _ close: String, _ depth: Int) -> String {
        String(repeating: open, count: depth) + String(repeating: close, count: depth)
    }

    @Test(arguments: [200, 5_000, 100_000])
    func refusesDeepNesting(depth: Int) {
        for text in [nestedList(depth), "allow: {and: [user: \(nestedList(depth))]}", Self.nested("{a: ", "}", depth)] {
            let (policy, codes) = Self.compile(text)
            #expect(policy == nil)
            #expect(codes.isSubset(of: ["document-too-deep", "yaml-syntax", "document-too-large"]), "\(codes)")
            #expect(!codes.isEmpty)
        }
    }

    private func nestedList(_ depth: Int) -> String { Self.nested("[", "]", depth) }

    @Test func takesTenThousandRules() throws {
        let rules = (0..<10_000).map { "- allow: {and: [email: u\($0)@example.com]}" }.joined(separator: "\n")
        let policy = try #require(Self.compile(rules).policy)
        let facts = RequestFacts(principal: Principal(sessionID: "s", userID: "u", email: "u9999@example.com"), now: UnixTime(seconds: 0))
        #expect(PolicyEvaluator.evaluate(policy, facts).outcome == .allowed)
        #expect(PolicyEvaluator.evaluate(policy, RequestFacts(now: UnixTime(seconds: 0))).outcome == .login)
    }

    @Test func tellsEveryProblemOfTenThousandRules() {
        let rules = (0..<10_000).map { "- allow: {and: [emial: u\($0)]}" }.joined(separator: "\n")
        var report = DiagnosticReport()
        #expect(CompiledPolicy.compile(rules, file: "policy", catalog: .standard, report: &report) == nil)
        #expect(report.diagnostics.count == 10_000)
        #expect(report.sorted.last?.position?.line == 10_000)
    }

    @Test func refusesAnchorsThatExplode() {
        var text = "x0: &x0 [{accept: true}, {accept: true}]\n"
        for level in 1...30 { text += "x\(level): &x\(level) [*x\(level - 1), *x\(level - 1)]\n" }
        text += "allow: {or: *x30}\n"
        let (policy, codes) = Self.compile(text)
        #expect(policy == nil)
        #expect(codes == ["document-too-large"])
    }

    @Test func refusesWhatIsTooLarge() {
        #expect(Self.compile("# " + String(repeating: "x", count: 1 << 20)).codes == ["document-too-large"])
        let list = (0..<100_001).map { "\($0)" }.joined(separator: ",")
        #expect(Self.compile("allow: {or: [user: [\(list)]]}").codes == ["document-too-large"])
    }

    @Test func takesALongListOfValues() throws {
        let list = (0..<50_000).map { "\"u\($0)\"" }.joined(separator: ",")
        let policy = try #require(Self.compile("allow: {or: [user: [\(list)]]}").policy)
        let facts = RequestFacts(principal: Principal(sessionID: "s", userID: "u49999"), now: UnixTime(seconds: 0))
        #expect(PolicyEvaluator.evaluate(policy, facts).outcome == .allowed)
    }

    @Test(arguments: [
        "10.0.0.0/99999999999999999999", "10.0.0.0/-1", "::/129", "1.2.3.4/", "/8", "1::2::3", "::ffff:1.2.3.4.5", "0x7f.1", "1.2.3",
    ])
    func refusesBrokenBlocks(text: String) {
        #expect(Self.compile("allow: {or: [source_ip: \"\(text)\"]}").codes == ["invalid-address"])
    }
}
