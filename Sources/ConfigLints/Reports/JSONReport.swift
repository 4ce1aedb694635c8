import Diagnostics
import Foundation

extension CheckReport {
    /// One JSON object: `findings`, and a `summary` that counts them. A key without a value is left out.
    public func json(routes: Int?) throws -> String {
        let document = JSONDocument(
            findings: findings.map(JSONDocument.Finding.init),
            summary: .init(errors: count(.error), warnings: count(.warning), notes: count(.note), routes: routes))
        return try Self.encode(document)
    }

    static func encode(_ document: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
}

private struct JSONDocument: Encodable {
    var findings: [Finding]
    var summary: Summary

    struct Summary: Encodable {
        var errors: Int
        var warnings: Int
        var notes: Int
        /// Absent where the configuration could not be loaded.
        var routes: Int?
    }

    struct Finding: Encodable {
        var code: String
        var severity: String
        var message: String
        var file: String?
        var line: Int?
        var column: Int?
        var help: String?
        var fix: Fix?

        init(_ finding: LintFinding) {
            let diagnostic = finding.diagnostic
            code = diagnostic.code
            severity = diagnostic.severity.rawValue
            message = diagnostic.message
            file = diagnostic.position?.file
            line = diagnostic.position.flatMap { $0.line > 0 ? $0.line : nil }
            column = diagnostic.position.flatMap { $0.column > 0 ? $0.column : nil }
            help = diagnostic.help
            fix = finding.fix.map { Fix(description: $0.description, edits: $0.edits.map(Edit.init)) }
        }
    }

    struct Fix: Encodable {
        var description: String
        var edits: [Edit]
    }

    /// The end is exclusive.
    struct Edit: Encodable {
        var line: Int
        var column: Int
        var endLine: Int
        var endColumn: Int
        var replacement: String

        init(_ edit: TextEdit) {
            line = edit.start.line
            column = edit.start.column
            endLine = edit.endLine
            endColumn = edit.endColumn
            replacement = edit.replacement
        }
    }
}
