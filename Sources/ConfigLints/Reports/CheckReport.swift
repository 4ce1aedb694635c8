public import Diagnostics

/// Everything that is to be told about a configuration, in the order of its lines.
public struct CheckReport: Sendable {
    public private(set) var findings: [LintFinding]
    public let catalog: LintCatalog

    /// - Parameters:
    ///   - loading: what loading the configuration reported.
    ///   - lints: what the linter found.
    ///   - allowed: codes that are not told, unless as an error: what the server refuses cannot be allowed.
    ///   - strict: warnings are errors.
    ///   - catalog: what is known of each code: its title and its fix.
    public init(loading: DiagnosticReport, lints: [LintFinding], allowed: Set<String> = [], strict: Bool = false, catalog: LintCatalog = .standard) {
        self.catalog = catalog
        var fixes: [Diagnostic: LintFix] = [:]
        var all = loading.diagnostics
        var seen = Set(all)
        for finding in lints {
            if seen.insert(finding.diagnostic).inserted { all.append(finding.diagnostic) }
            if let fix = finding.fix { fixes[finding.diagnostic] = fix }
        }
        let told = all.filter { $0.severity == .error || !allowed.contains($0.code) }
        findings = DiagnosticReport(told).sorted.map { LintFinding($0, fix: fixes[$0]) }
        guard strict else { return }
        for index in findings.indices where findings[index].diagnostic.severity == .warning { findings[index].diagnostic.severity = .error }
    }

    public func count(_ severity: Diagnostic.Severity) -> Int { findings.count { $0.diagnostic.severity == severity } }

    public var hasErrors: Bool { findings.contains { $0.diagnostic.severity == .error } }

    /// For people: as every other subcommand tells of problems.
    public var text: String { DiagnosticReport(findings.map(\.diagnostic)).rendered() }

    /// The codes that can be named to `allow`, where a name is in doubt.
    public static func suggestion(forUnknown code: String, in catalog: LintCatalog = .standard) -> String? {
        Suggestion.nearest(to: code, in: catalog.rules.map(\.code))
    }
}
