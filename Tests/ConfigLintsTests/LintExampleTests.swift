import Diagnostics
import Foundation
import Testing

@testable import ConfigLints

/// The examples of the reference page do what it says.
@Suite struct LintExampleTests {
    @Test(arguments: LintCatalog.standard.rules)
    func theBadExampleRaisesItsCodeAlone(rule: LintRule) {
        let report = LintFixture.report(rule.bad, knowsGroups: rule.code == "unknown-group")
        #expect(Set(report.findings.map(\.diagnostic.code)) == [rule.code], "\(report.text)")
        #expect(report.findings.contains { $0.diagnostic.severity == rule.severity })
    }

    @Test(arguments: LintCatalog.standard.rules)
    func theGoodExampleRaisesNothing(rule: LintRule) {
        let report = LintFixture.report(rule.good, knowsGroups: rule.code == "unknown-group")
        #expect(report.findings.isEmpty, "\(report.text)")
    }

    @Test(arguments: LintCatalog.standard.rules)
    func whatTheFixesOfTheBadExampleLeaveRaisesNothing(rule: LintRule) {
        let report = LintFixture.report(rule.bad, knowsGroups: rule.code == "unknown-group")
        guard report.findings.allSatisfy({ $0.fix != nil }) else { return }
        let mended = LintFixture.report(LintFixture.mended(rule.bad, report), knowsGroups: rule.code == "unknown-group")
        #expect(mended.findings.isEmpty, "\(mended.text)")
    }

    @Test func everyFindingHasAPlaceAndEveryRuleATextOfItsOwn() {
        let rules = LintCatalog.standard.rules
        #expect(Set(rules.map(\.code)).count == rules.count)
        for rule in rules {
            for finding in LintFixture.report(rule.bad, knowsGroups: true).findings where finding.diagnostic.code == rule.code {
                #expect((finding.diagnostic.position?.line ?? 0) > 0 && (finding.diagnostic.position?.column ?? 0) > 0, "\(rule.code)")
            }
            #expect(!rule.text.isEmpty && !rule.summary.isEmpty)
        }
    }

    @Test func thePageIsCommitted() throws {
        let url = URL(filePath: #filePath).appending(path: "../../../docs/reference/\(LintPage.file)").standardized
        if ProcessInfo.processInfo.environment["POSTERN_UPDATE_GOLDEN"] == "1" { try LintPage.text.write(to: url, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: url, encoding: .utf8) == LintPage.text)
    }

    @Test func theExamplesOfTheTreeRaiseNothing() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../Examples").standardized
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)).compactMap { $0 as? URL }
        let configurations = files.filter { $0.pathExtension == "yaml" }
        try #require(!configurations.isEmpty)
        for file in configurations {
            let report = LintFixture.report(try String(contentsOf: file, encoding: .utf8))
            // A grant that has ended is what the example of time-limited access begins with.
            let findings = report.findings.filter { $0.diagnostic.code != "date-in-the-past" }
            #expect(findings.isEmpty, "\(file.lastPathComponent): \(report.text)")
        }
    }
}
