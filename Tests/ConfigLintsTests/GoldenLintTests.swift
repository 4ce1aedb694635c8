import Foundation
import Testing

@testable import ConfigLints

/// `Tests/Golden/lints`: a configuration, a line of dashes, and what `postern check` says in the form that the first line asks for:
/// `# json`, `# sarif` or text. `# groups` in the first line: as with a data directory. `POSTERN_UPDATE_GOLDEN=1` writes the output.
@Suite struct GoldenLintTests {
    private static let folder = URL(filePath: #filePath).appending(path: "../../Golden/lints").standardized
    private static let separator = "\n--------\n"

    static var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".txt") }.sorted()
    }

    @Test(arguments: names)
    func matchesItsGoldenFile(name: String) throws {
        let url = Self.folder.appending(path: name)
        let parts = try String(contentsOf: url, encoding: .utf8).components(separatedBy: Self.separator)
        let input = try #require(parts.first)
        let head = input.prefix { $0 != "\n" }.split(separator: " ").dropFirst()
        let report = LintFixture.report(input + "\n", knowsGroups: head.contains("groups"), strict: head.contains("strict"))
        let output =
            if head.contains("json") {
                try report.json(routes: nil)
            } else if head.contains("sarif") {
                try report.sarif(version: "0.0.0", directory: "/somewhere")
            } else {
                report.text + "mended:\n" + LintFixture.mended(input, report) + "\n"
            }
        if ProcessInfo.processInfo.environment["POSTERN_UPDATE_GOLDEN"] == "1" {
            try (input + Self.separator + output).write(to: url, atomically: true, encoding: .utf8)
            return
        }
        #expect(parts.count == 2 && output == parts[1], "\(name)")
    }

    /// Every code of the reference is in some case.
    @Test func everyCodeHasACase() throws {
        let texts = try Self.names.map { try String(contentsOf: Self.folder.appending(path: $0), encoding: .utf8) }
        for rule in LintCatalog.standard.rules { #expect(texts.contains { $0.contains("[\(rule.code)]") }, "\(rule.code)") }
    }
}
