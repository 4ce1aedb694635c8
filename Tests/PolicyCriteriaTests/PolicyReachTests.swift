import Diagnostics
import PolicyCriteria
import PolicyLanguage
import Testing

@Suite struct PolicyReachTests {
    private static let alice = Principal(sessionID: "s", userID: "u1", email: "alice@example.com")
    private static let now = UnixTime(seconds: 1_718_193_600)

    @Test(arguments: [
        ("allow: {or: [email: alice@example.com]}", true), ("allow: {or: [email: bob@example.com]}", false),
        ("allow: {and: [{email: alice@example.com}, {http_path: /x}]}", true), ("allow: {and: [{email: bob@example.com}, {http_path: /x}]}", false),
        ("allow: {not: [email: bob@example.com]}", true), ("allow: {nor: [{email: alice@example.com}, {accept: true}]}", false),
        ("allow: {or: [accept: true]}\ndeny: {or: [http_method: DELETE]}", true),
        ("allow: {or: [accept: true]}\ndeny: {or: [domain: example.com]}", false),
        ("allow: {or: [accept: true]}\ndeny: {and: [{domain: example.com}, {http_path: /x}]}", true),
        ("allow: {or: [accept: true]}\ndeny: {not: [groups: g1]}", false), ("allow: {or: [date: {before: 2020-01-01}]}", false),
        ("allow: {or: [date: {after: 2020-01-01}]}", true), ("allow: {or: [reject: true]}", false), ("{}", false),
    ])
    func tellsWhatAClientCouldReach(text: String, reachable: Bool) throws {
        var report = DiagnosticReport()
        let policy = try #require(CompiledPolicy.compile(text, file: "p", catalog: .standard, report: &report))
        #expect(PolicyEvaluator.couldAllow([policy], RequestFacts(principal: Self.alice, now: Self.now)) == reachable)
    }

    @Test func anonymousClientsReachWhatIsPublic() throws {
        var report = DiagnosticReport()
        let facts = RequestFacts(now: Self.now)
        let open = try #require(CompiledPolicy.compile("allow: {or: [accept: true]}", file: "p", catalog: .standard, report: &report))
        let closed = try #require(CompiledPolicy.compile("allow: {not: [email: x]}", file: "p", catalog: .standard, report: &report))
        #expect(PolicyEvaluator.couldAllow([open], facts))
        #expect(!PolicyEvaluator.couldAllow([closed], facts))
    }
}
