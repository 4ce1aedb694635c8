import Diagnostics
import PolicyLanguage
import RouteOptions
import Routing

struct NoSuchFile: Error, CustomStringConvertible {
    var description: String { "no such file" }
}

/// Decodes routes that are written as YAML.
enum SampleRoute {
    /// The route with these keys behind `from` and `to`, and what was said about it.
    static func decode(
        _ lines: String, files: [String: String] = [:], allowUnknownKeys: Bool = false
    ) throws -> (route: RouteDefinition, diagnostics: [Diagnostic]) {
        let body = lines.split(separator: "\n").map { "  \($0)\n" }.joined()
        return try decodeWhole(
            "- from: https://app.example.com\n  allow_any_authenticated_user: true\n" + body, files: files, allowUnknownKeys: allowUnknownKeys)
    }

    static func decodeWhole(
        _ yaml: String, files: [String: String] = [:], allowUnknownKeys: Bool = false
    ) throws -> (route: RouteDefinition, diagnostics: [Diagnostic]) {
        var report = DiagnosticReport()
        guard let value = PositionedValue.parse(yaml: yaml, file: "routes.yaml", report: &report) else { throw DiagnosticError(report) }
        var decoder = RouteDecoder(allowUnknownKeys: allowUnknownKeys) { path in
            guard let text = files[path] else { throw NoSuchFile() }
            return text
        }
        let decoded = decoder.decode(ConfigEntry(key: "routes", keyPosition: value.position, value: value))
        guard let first = decoded.first else { throw DiagnosticError(decoder.report) }
        return (first.definition, decoder.report.sorted)
    }
}
