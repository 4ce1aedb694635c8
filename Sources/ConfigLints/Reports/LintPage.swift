import Diagnostics

/// The reference page of the lints, made from the catalog.
public enum LintPage {
    public static let file = "lints.md"

    public static var text: String {
        let catalog = LintCatalog.standard
        var text = """
            # Lints

            What `postern check FILE` says about a configuration that could be loaded. Codes are stable: `--allow CODE` keeps one of them quiet (it may be
            given several times), `--strict` makes warnings errors. Notes never fail a check. How to run it in CI is told
            [under operations](../operations/check.md).

            | code | severity | what is found |
            |---|---|---|

            """
        for rule in catalog.rules.sorted(by: { $0.code < $1.code }) {
            text += "| [`\(rule.code)`](#\(rule.code)) | \(rule.severity.rawValue) | \(rule.summary) |\n"
        }
        text += "\n## Found by `postern check` alone\n"
        for lint in catalog.lints { text += entry(lint.rule) }
        text += "\n## Found whenever a configuration is loaded\n\n`postern run` and a reload tell these too.\n"
        for rule in LoaderRules.all { text += entry(rule) }
        return text
    }

    private static func entry(_ rule: LintRule) -> String {
        """

        ### `\(rule.code)`

        Severity: \(rule.severity.rawValue)

        \(rule.text)

        ```yaml
        # reported
        \(rule.bad)
        ```

        ```yaml
        # not reported
        \(rule.good)
        ```

        """
    }
}
