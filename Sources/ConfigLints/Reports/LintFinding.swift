public import Diagnostics

/// A diagnostic, and where it is mechanical, the change to the text that mends it.
public struct LintFinding: Sendable, Hashable {
    public var diagnostic: Diagnostic
    public var fix: LintFix?

    public init(_ diagnostic: Diagnostic, fix: LintFix? = nil) {
        self.diagnostic = diagnostic
        self.fix = fix
    }
}

/// Changes to one file that belong together.
public struct LintFix: Sendable, Hashable {
    /// What the change does, lower case: `remove the line`.
    public var description: String
    public var edits: [TextEdit]

    public init(_ description: String, _ edits: [TextEdit]) {
        self.description = description
        self.edits = edits
    }
}

/// Text that takes the place of a range. Lines and columns are 1-based, columns count Unicode scalars, the end is exclusive.
public struct TextEdit: Sendable, Hashable {
    public var start: SourcePosition
    public var endLine: Int
    public var endColumn: Int
    public var replacement: String

    public init(start: SourcePosition, endLine: Int, endColumn: Int, replacement: String) {
        self.start = start
        self.endLine = endLine
        self.endColumn = endColumn
        self.replacement = replacement
    }
}

/// What the lints have found so far. The same thing at the same place, as aliases lead to it, is told once.
public struct LintFindings {
    public private(set) var all: [LintFinding] = []
    private var seen: Set<Diagnostic> = []
    /// Look-ups and comparisons with other parts of the configuration: what could grow faster than the configuration does.
    var steps = 0
    /// Of the lint at work.
    var rule: LintRule

    init(rule: LintRule) {
        self.rule = rule
    }

    /// Uses code and severity of the lint's rule, unless the finding is a milder one.
    public mutating func add(
        _ message: String, at position: SourcePosition?, help: String? = nil, fix: LintFix? = nil, severity: Diagnostic.Severity? = nil
    ) {
        let diagnostic = Diagnostic(severity ?? rule.severity, code: rule.code, message, at: position, help: help)
        if seen.insert(diagnostic).inserted { all.append(LintFinding(diagnostic, fix: fix)) }
    }

    /// Takes over what another part found, with its own codes.
    mutating func merge(_ report: DiagnosticReport) {
        for diagnostic in report.diagnostics where seen.insert(diagnostic).inserted { all.append(LintFinding(diagnostic)) }
    }
}
