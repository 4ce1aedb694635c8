import Diagnostics
import Foundation
import PolicyLanguage
import ProxyConfig
import Testing

@testable import ConfigLints

struct NoSuchFile: Error, CustomStringConvertible {
    var description: String
}

/// Checks texts instead of files, at a fixed moment.
enum LintFixture {
    static let now = UnixTime(seconds: 1_800_000_000)
    /// For `unknown-group`, where a text asks for it by `# groups a,b`.
    static let knownGroups: Set<String> = ["admins", "finance", "operations"]

    static func report(
        _ text: String, knowsGroups: Bool = false, allowed: Set<String> = [], strict: Bool = false, environment: [String: String] = [:],
        path: String = "config.yaml"
    ) -> CheckReport {
        let files = [
            path: text, "example.com.pem": SampleCertificate.certificate, "example.com.key": SampleCertificate.key, "client-secret": "not a real one",
        ]
        let loader = ConfigLoader(
            environment: environment,
            readFile: { path in
                guard let content = files[path] else { throw NoSuchFile(description: "open \(path): no such file or directory") }
                return content
            }, now: { now.nanoseconds })
        let examination = loader.examine(path)
        let linter = ConfigLinter(now: now, knownGroups: knowsGroups ? knownGroups : nil)
        let lints = linter.findings(examination, path: path)
        return CheckReport(loading: examination.report, lints: lints, allowed: allowed, strict: strict)
    }

    static func codes(_ text: String, knowsGroups: Bool = false) -> [String] {
        report(text, knowsGroups: knowsGroups).findings.map(\.diagnostic.code)
    }

    /// The codes of a route of these lines.
    static func route(_ lines: String) -> [String] {
        codes(LintRule.routes + "  - from: https://app.example.com\n" + lines.split(separator: "\n").map { "    \($0)\n" }.joined())
    }

    /// The codes of a route with these conditionals in an `allow` rule.
    static func allow(_ conditionals: String) -> [String] {
        let lines = conditionals.split(separator: "\n").map { "      \($0)\n" }.joined()
        return route("to: http://127.0.0.1:3000\npolicy:\n  - allow:\n\(lines)")
    }

    /// The text after the changes of every fix.
    static func mended(_ text: String, _ report: CheckReport) -> String {
        var lines = text.components(separatedBy: "\n").map { Array($0.unicodeScalars) }
        let edits = report.findings.compactMap(\.fix).flatMap(\.edits).sorted { $1.start < $0.start }
        for edit in edits {
            let (first, last) = (edit.start.line - 1, edit.endLine - 1)
            let tail = last < lines.count ? lines[last].dropFirst(edit.endColumn - 1) : []
            let merged = lines[first].prefix(edit.start.column - 1) + Array(edit.replacement.unicodeScalars) + tail
            lines.replaceSubrange(first...min(last, lines.count - 1), with: [Array(merged)])
        }
        return lines.map { line in String(String.UnicodeScalarView(line)) }.joined(separator: "\n")
    }
}
