import Diagnostics
import PolicyLanguage

/// Changes to the text for what loading warns of.
enum LoaderFixes {
    /// The warnings that a change mends, with it.
    static func findings(_ report: DiagnosticReport, _ subject: LintSubject) -> [LintFinding] {
        let prefixes = subject.routes.compactMap { $0.entries["prefix"]?.value }
        let byPosition = Dictionary(prefixes.map { ($0.position, $0) }) { first, _ in first }
        return report.diagnostics.compactMap { diagnostic in
            guard diagnostic.code == "prefix-without-slash", let value = diagnostic.position.flatMap({ byPosition[$0] }), let text = value.text,
                let edit = subject.text?.replacing(value, with: text + "/")
            else { return nil }
            return LintFinding(diagnostic, fix: LintFix("end the prefix with a slash", [edit]))
        }
    }
}
