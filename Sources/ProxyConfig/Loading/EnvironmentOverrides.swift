import Diagnostics
import PolicyLanguage
import Routing

/// Turns environment variables into the values of a file.
struct EnvironmentOverrides {
    let environment: [String: String]
    var report = DiagnosticReport()

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// The key's value, if a variable of its names is set and not empty.
    mutating func entry(for setting: Setting) -> ConfigEntry? {
        guard setting.environmentForm != .none else { return nil }
        for name in setting.environmentNames {
            guard let text = environment[name], !text.isEmpty else { continue }
            let position = SourcePosition(file: "environment \(name)")
            guard let value = value(of: text, as: setting.environmentForm, at: position) else { return nil }
            return ConfigEntry(key: setting.key, keyPosition: position, value: value)
        }
        return nil
    }

    private mutating func value(of text: String, as form: Setting.EnvironmentForm, at position: SourcePosition) -> PositionedValue? {
        let first = text.first { !$0.isWhitespace }
        switch form {
        case .none, .scalar: return PositionedValue(.string(text), at: position)
        case .list where first == "[", .object,
            .headers where first == "{":
            return parsed(text, at: position)
        case .flexible where first == "{" || first == "[": return parsed(text, at: position)
        case .flexible: return PositionedValue(.string(text), at: position)
        case .list:
            let parts = text.split(separator: ",").map(Self.trimmed).filter { !$0.isEmpty }
            return PositionedValue(.sequence(parts.map { PositionedValue(.string($0), at: position) }), at: position)
        case .headers: return headers(text, at: position)
        case .encodedList: return decodedList(text, at: position)
        }
    }

    private mutating func parsed(_ text: String, at position: SourcePosition) -> PositionedValue? {
        PositionedValue.parse(yaml: text, file: position.file, report: &report)
    }

    /// `K:V,K2:V2`
    private mutating func headers(_ text: String, at position: SourcePosition) -> PositionedValue? {
        var entries: [PositionedValue.Entry] = []
        for part in text.split(separator: ",") {
            guard let colon = part.firstIndex(of: ":") else {
                report.error(
                    "invalid-headers", "config: failed to parse headers: failed to decode headers from '\(text)'", at: position,
                    help: "write Name:value,Name2:value2 or a JSON object")
                return nil
            }
            let value = PositionedValue(.string(Self.trimmed(part[colon...].dropFirst())), at: position)
            entries.append(.init(key: Self.trimmed(part[..<colon]), keyPosition: position, value: value))
        }
        return PositionedValue(.mapping(entries), at: position)
    }

    private mutating func decodedList(_ text: String, at position: SourcePosition) -> PositionedValue? {
        guard let bytes = Base64Text.decode(text), let yaml = String(validating: bytes, as: UTF8.self) else {
            report.error("invalid-base64", "base64 decoding policy data: illegal base64 data", at: position, help: "encode a YAML list with base64")
            return nil
        }
        var problems = DiagnosticReport()
        let value = PositionedValue.parse(yaml: yaml, file: position.file, report: &problems)
        for var problem in problems.diagnostics {
            problem.message = "parsing base64-encoded policy data as yaml: " + problem.message
            report.add(problem)
        }
        return value
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
