import Diagnostics
import PolicyCriteria
import PolicyLanguage
import Testing

@testable import ProxyConfig

@Suite struct PolicyPageTests {
    @Test func everyCriterionHasOneEntry() {
        #expect(PolicyReference.all.map(\.name).sorted() == CriterionCatalog.standard.names.sorted())
    }

    @Test(arguments: PolicyReference.all.map(\.name))
    func everyExampleIsAPolicyThatUsesItsCriterion(name: String) throws {
        let entry = try #require(PolicyReference.all.first { $0.name == name })
        var report = DiagnosticReport()
        let policy = CompiledPolicy.compile(entry.example, file: "example", catalog: .standard, report: &report)
        #expect(policy != nil, "\(report.rendered())")
        #expect(report.isEmpty)
        #expect(entry.example.contains(name))
    }

    /// The codes of the page are those that the engine knows.
    @Test func everyCodeIsKnown() {
        for entry in PolicyReference.all {
            for code in (entry.codeIfTrue + ", " + entry.codeIfFalse).split(separator: ", ") where code != "–" {
                #expect(Reason(rawValue: String(code)) != nil, "\(code)")
            }
        }
    }
}
