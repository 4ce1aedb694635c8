import Diagnostics
public import PolicyLanguage
public import ProxyConfig

/// Runs every lint over a configuration.
public struct ConfigLinter: Sendable {
    private let catalog: LintCatalog
    private let now: UnixTime
    private let knownGroups: Set<String>?

    /// - Parameters:
    ///   - catalog: the lints to run.
    ///   - now: what `date` criteria and certificates are compared with.
    ///   - knownGroups: groups that the installation has seen; nil where nobody looked.
    public init(catalog: LintCatalog = .standard, now: UnixTime, knownGroups: Set<String>? = nil) {
        self.catalog = catalog
        self.now = now
        self.knownGroups = knownGroups
    }

    /// What the lints say, and those warnings of the snapshot's own report that a change to the text mends. `text` is that of the file, nil if there is none.
    public func findings(_ snapshot: ConfigSnapshot, text: String?, path: String?) -> [LintFinding] {
        var document: PositionedValue?
        var source: SourceText?
        if let text, let path {
            // What is wrong with the text was told when it was loaded.
            var ignored = DiagnosticReport()
            document = PositionedValue.parse(yaml: text, file: path, report: &ignored)
            source = SourceText(text, file: path)
        }
        let subject = LintSubject(snapshot, document: document, text: source, now: now, knownGroups: knownGroups)
        return findings(subject) + LoaderFixes.findings(snapshot.report, subject)
    }

    func findings(_ subject: LintSubject) -> [LintFinding] { run(subject).flatMap(\.all) }

    /// What each lint found, in the order of the catalog.
    func run(_ subject: LintSubject) -> [LintFindings] {
        catalog.lints.map { lint in
            var findings = LintFindings(rule: lint.rule)
            lint.check(subject, &findings)
            return findings
        }
    }
}
