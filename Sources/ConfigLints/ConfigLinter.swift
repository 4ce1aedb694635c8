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

    /// What the lints say about a file, and those warnings about it that a change to the text mends; nothing where no snapshot could be made.
    public func findings(_ examination: ConfigExamination, path: String) -> [LintFinding] {
        guard let snapshot = examination.snapshot else { return [] }
        let text = examination.text.map { SourceText($0, file: path) }
        let subject = LintSubject(snapshot, document: examination.document, text: text, now: now, knownGroups: knownGroups)
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
