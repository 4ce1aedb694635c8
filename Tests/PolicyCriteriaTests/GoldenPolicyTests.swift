import Diagnostics
import Foundation
import PolicyCriteria
import PolicyLanguage
import Testing

/// Tests/Golden/policy: a policy, a dashed line, facts, a dashed line, what comes out; facts and outcomes may repeat. A new case is a new file.
/// With POSTERN_RECORD_GOLDEN=1 the expected parts are written instead of compared.
@Suite struct GoldenPolicyTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Golden/policy")
    static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []).filter { $0.hasSuffix(".txt") }.sorted()

    @Test func findsTheGoldenFiles() {
        #expect(Self.files.count > 20)
    }

    @Test(arguments: files)
    func decidesAsWritten(file: String) throws {
        let url = Self.folder.appending(path: file)
        let text = try String(contentsOf: url, encoding: .utf8)
        var sections = text.components(separatedBy: "\n-----\n")
        if sections.count == 2 { sections[1].removeLast(sections[1].hasSuffix("\n") ? 1 : 0) }
        try #require(sections.count >= 3 && sections.count % 2 == 1, "a policy, then facts and outcomes in turn")
        var actual = [sections[0]]
        for index in stride(from: 1, to: sections.count, by: 2) {
            actual += [sections[index], Self.outcome(policy: sections[0], facts: sections[index])]
        }
        let written = actual.joined(separator: "\n-----\n") + "\n"
        if ProcessInfo.processInfo.environment["POSTERN_RECORD_GOLDEN"] != nil {
            try Data(written.utf8).write(to: url)
        } else {
            #expect(written == text)
        }
    }

    static func outcome(policy: String, facts: String) -> String {
        var report = DiagnosticReport()
        let compiled = CompiledPolicy.compile(policy, file: "policy", catalog: .standard, report: &report)
        let request = RequestFactsDocument.parse(
            facts, file: "facts", now: UnixTime(iso8601: "2024-06-12T12:00:00Z") ?? UnixTime(seconds: 0), report: &report)
        var lines = report.sorted.map(\.description)
        if let compiled, let request {
            let decision = PolicyDecision([compiled], request, explains: true)
            lines.append("outcome: \(decision.outcome.rawValue)")
            lines.append("allow: \(decision.allow) [\(decision.allowReasons.joined(separator: ", "))]")
            lines.append("deny: \(decision.deny) [\(decision.denyReasons.joined(separator: ", "))]")
            #expect(decision.reasons == Set(decision.allowReasons + decision.denyReasons).sorted())
            #expect(decision.explanation?.count == 1)
        }
        return lines.joined(separator: "\n")
    }
}
