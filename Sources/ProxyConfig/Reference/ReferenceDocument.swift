import RouteOptions
import Routing

/// The reference pages, made from the catalogs so that they cannot say anything else than the code does.
public enum ReferenceDocument {
    /// File names below `docs/reference` with their Markdown text.
    public static func render() -> [(file: String, text: String)] {
        [
            ("settings.md", settings()), ("route-options.md", routeOptions()), ("response-codes.md", ResponseCodePage.text),
            ("policy.md", PolicyPage.text),
            ("policy-differences.md", PolicyDifferencesPage.text),
        ]
    }

    private static func settings() -> String {
        var text = """
            # Settings

            Keys of the configuration file, outside `routes`. Each can also be set by the environment variable next to it, which wins over the
            file; an empty variable counts as unset. Lists are split at commas, objects are JSON, `ROUTES` and `POLICY` are base64 of a YAML list.
            Durations are numbers with a unit, such as `300ms`, `30s` or `1h30m`. Values that are one of several names are read without regard to
            case.

            """
        for group in SettingCatalog.standard.groups {
            let acting = group.settings.filter { $0.support == .implemented }
            guard !acting.isEmpty else { continue }
            text += "\n## \(group.title)\n"
            for setting in acting { text += entry(setting) }
        }
        text += "\n## Understood, but not acted on\n\nA key in this list is reported when its value asks for something.\n\n"
        text += "| key | what comes of it |\n|---|---|\n"
        for setting in SettingCatalog.standard.settings {
            if let outcome = outcome(of: setting.support) { text += "| `\(setting.key)` | \(cell(outcome)) |\n" }
        }
        return text
    }

    private static func entry(_ setting: Setting) -> String {
        let isLiteral = !setting.defaultText.contains { $0 == "`" || $0 == " " || $0 == "–" }
        let standard = isLiteral ? "`\(setting.defaultText)`" : setting.defaultText
        let variable = setting.environmentForm == .none ? "–" : setting.environmentNames.map { "`\($0)`" }.joined(separator: ", ")
        return """

            ### `\(setting.key)`

            Type: \(setting.type) · Default: \(standard) · Environment: \(variable)

            \(setting.text)

            """
    }

    private static func outcome(of support: Setting.Support) -> String? {
        switch support {
        case .implemented: nil
        case .notYet(true, let effect): "error: not supported by this version, \(effect)"
        case .notYet(false, let effect): "warning: not supported by this version, \(effect)"
        case .ignored(let reason): "warning: \(reason)"
        case .removed(let help): "error: \(help)"
        }
    }

    private static func routeOptions() -> String {
        var text = """
            # Route options

            Keys of an entry of `routes`. The first route in the list that matches a request's host and path decides; an exact host comes before
            every wildcard. A route without any access option lets in nobody.

            """
        for option in RouteOptionCatalog.standard.options {
            let reference = option.reference
            text += """

                ## `\(option.key)`

                Type: \(reference.type) · Default: \(reference.defaultValue)

                \(reference.text)

                ```yaml
                \(reference.example)
                ```

                """
        }
        text += "\n## Understood, but not acted on\n\n| key | what comes of it |\n|---|---|\n"
        for option in RouteOptionCatalog.standard.unsupported {
            let outcome =
                switch option.verdict {
                case .refused: "error: not supported by this version, \(option.effect)"
                case .passedOver: "warning: not supported by this version, \(option.effect)"
                case .removed(let help): "error: \(help)"
                }
            text += "| `\(option.key)` | \(cell(outcome)) |\n"
        }
        return text
    }

    /// Text that stays within a cell of a table.
    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
