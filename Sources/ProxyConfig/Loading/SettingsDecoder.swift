import Diagnostics
import PolicyLanguage
import Routing

/// Lays the environment over the file and decodes every key, collecting all problems.
struct SettingsDecoder {
    let catalog: SettingCatalog
    let allowUnknownKeys: Bool
    private(set) var context: SettingsDecodingContext

    init(catalog: SettingCatalog = .standard, allowUnknownKeys: Bool, readFile: @escaping @Sendable (String) throws -> String) {
        self.catalog = catalog
        self.allowUnknownKeys = allowUnknownKeys
        context = SettingsDecodingContext(readFile: readFile)
    }

    /// The values of `context.entries` and `context.settings` afterwards; the lists of routes stay for the caller.
    mutating func decode(file: PositionedValue?, environment: [String: String]) {
        gather(file)
        var overrides = EnvironmentOverrides(environment)
        for setting in catalog.settings {
            if let entry = overrides.entry(for: setting) { context.entries[setting.key] = entry }
        }
        context.report.merge(overrides.report)
        for setting in catalog.settings {
            guard let entry = context.entries[setting.key] else { continue }
            apply(setting, entry)
        }
        SettingsConsistency.check(&context)
        if context.settings.dataDir.isEmpty { context.settings.dataDir = Settings.defaultDataDirectory(environment) }
    }

    private mutating func gather(_ file: PositionedValue?) {
        guard let file, !file.isNull else { return }
        guard let entries = file.mapping else {
            context.report.error(
                "wrong-type", "a configuration must be an object, found \(file.kindName)", at: file.position, help: "begin with a key such as routes:"
            )
            return
        }
        for entry in entries.map(ConfigEntry.init) {
            let key = entry.key.lowercased()
            guard catalog[key] != nil else {
                context.report.add(
                    Diagnostic(
                        allowUnknownKeys ? .warning : .error, code: "unknown-key", "unknown config option \(entry.key)", at: entry.keyPosition,
                        help: catalog.suggestion(for: key).map { "did you mean \($0)?" }))
                continue
            }
            guard !entry.value.isNull else { continue }
            if context.entries.updateValue(entry, forKey: key) != nil {
                context.report.error("duplicate-key", "the key \(key) is there more than once", at: entry.keyPosition)
            }
        }
    }

    private mutating func apply(_ setting: Setting, _ entry: ConfigEntry) {
        switch setting.support {
        case .implemented: setting.decode(entry, &context)
        case .removed(let help):
            context.report.error("removed-setting", "config option was removed: \(setting.key)", at: entry.keyPosition, help: help)
        case .notYet(let refused, let effect):
            guard !setting.isHarmless(entry.value) else { return }
            if refused {
                context.report.error(
                    "unsupported-setting", "\(setting.key) is not supported by this version, and without it \(effect)", at: entry.keyPosition,
                    help: "remove it if that is what you want")
            } else {
                context.report.warning(
                    "unsupported-setting", "\(setting.key) is not supported by this version: \(effect)", at: entry.keyPosition)
            }
        case .ignored(let reason):
            guard !setting.isHarmless(entry.value) else { return }
            context.report.warning("ignored-setting", "\(setting.key) has no effect: \(reason)", at: entry.keyPosition)
        }
    }

}

extension Settings {
    /// Where state is kept without `data_dir`: `$XDG_DATA_HOME/postern`, else `~/.local/share/postern`, else `/var/lib/postern`.
    public static func defaultDataDirectory(_ environment: [String: String]) -> String {
        if let home = environment["XDG_DATA_HOME"], home.hasPrefix("/") { return home + "/postern" }
        if let home = environment["HOME"], home.hasPrefix("/"), home != "/" { return home + "/.local/share/postern" }
        return "/var/lib/postern"
    }
}

extension Setting {
    /// Whether a value asks for nothing, so that not acting on it changes nothing.
    fileprivate func isHarmless(_ value: PositionedValue) -> Bool {
        if value.isOff { return true }
        guard let text = value.scalarText?.lowercased() else { return false }
        return text == "false" || harmlessValues.contains(text)
    }
}
