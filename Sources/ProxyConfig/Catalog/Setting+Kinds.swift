import Diagnostics
import Routing

/// The kinds of settings that most keys are. The default that the reference shows is the one of ``Settings``.
extension Setting {
    typealias Path<Value> = any WritableKeyPath<Settings, Value> & Sendable

    private static let defaults = Settings()

    private static func simple(
        _ key: String, _ type: String, _ defaultText: String, _ text: String, form: EnvironmentForm = .scalar, decode: @escaping Decode
    ) -> Setting {
        Setting(
            key: key, type: type, defaultText: defaultText, text: text, environmentForm: form, environmentNames: [key.uppercased()], decode: decode)
    }

    static func bool(_ key: String, _ path: Path<Bool>, _ text: String) -> Setting {
        simple(key, "boolean", "\(defaults[keyPath: path])", text) { entry, context in
            if let value = entry.bool(&context.report) { context.settings[keyPath: path] = value }
        }
    }

    static func duration(_ key: String, _ path: Path<Int64>, _ text: String) -> Setting {
        simple(key, "duration", DurationText.format(defaults[keyPath: path]), text) { entry, context in
            if let value = entry.duration(&context.report) { context.settings[keyPath: path] = value }
        }
    }

    static func integer(_ key: String, _ path: Path<Int>, in range: ClosedRange<Int>, _ text: String) -> Setting {
        simple(key, "integer", "\(defaults[keyPath: path])", text) { entry, context in
            if let value = entry.integer(in: range, &context.report) { context.settings[keyPath: path] = value }
        }
    }

    static func string(_ key: String, _ path: Path<String>, _ text: String) -> Setting {
        simple(key, "string", defaults[keyPath: path].isEmpty ? "–" : defaults[keyPath: path], text) { entry, context in
            if let value = entry.string(&context.report) { context.settings[keyPath: path] = value }
        }
    }

    static func list(_ key: String, _ path: Path<[String]>, _ text: String) -> Setting {
        simple(key, "list of strings", "[" + defaults[keyPath: path].joined(separator: ", ") + "]", text, form: .list) { entry, context in
            if let values = entry.strings(&context.report) { context.settings[keyPath: path] = values }
        }
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ key: String, _ path: Path<Value>, _ text: String
    ) -> Setting {
        let names = Value.allCases.map { $0.rawValue }
        return simple(key, names.map { "`\($0)`" }.joined(separator: ", "), defaults[keyPath: path].rawValue, text) { entry, context in
            let value = entry.choice(of: Value.allCases.map { ($0.rawValue, $0) }, &context.report)
            if let value { context.settings[keyPath: path] = value }
        }
    }

    /// A key with a reader of its own.
    static func custom(
        _ key: String, type: String, default defaultText: String, _ text: String, form: EnvironmentForm = .scalar, environment: String? = nil,
        decode: @escaping Decode
    ) -> Setting {
        var setting = simple(key, type, defaultText, text, form: form, decode: decode)
        if let environment { setting.environmentNames = [environment] }
        return setting
    }

    /// A key whose value another key's reader takes, such as the second half of a pair.
    static func partner(_ key: String, type: String, _ text: String, of other: String) -> Setting {
        simple(key, type, "–", text) { entry, context in
            if context.entries[other] == nil {
                context.report.error("missing-key", "\(key) needs \(other)", at: entry.keyPosition)
            }
        }
    }

    static func notYet(
        _ key: String, refused: Bool = false, harmless: Set<String> = [], environment: [String]? = nil, _ effect: String
    ) -> Setting {
        var setting = simple(key, "", "", "", form: .flexible) { _, _ in }
        setting.support = .notYet(refused: refused, effect: effect)
        setting.harmlessValues = harmless
        if let environment { setting.environmentNames = environment }
        return setting
    }

    static func ignored(_ key: String, harmless: Set<String> = [], _ reason: String) -> Setting {
        var setting = simple(key, "", "", "", form: .flexible) { _, _ in }
        setting.support = .ignored(reason: reason)
        setting.harmlessValues = harmless
        return setting
    }

    static func removed(_ key: String, _ help: String) -> Setting {
        var setting = simple(key, "", "", "", form: .none) { _, _ in }
        setting.support = .removed(help: help)
        return setting
    }
}
