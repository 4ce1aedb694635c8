import Diagnostics
import PolicyLanguage

/// Reads data that is a string or a list of strings.
enum StringsReader {
    /// Nil, and an error in `report`, for anything else.
    static func strings(in value: PositionedValue, report: inout DiagnosticReport) -> [(text: String, position: SourcePosition)]? {
        if let string = value.string { return [(string, value.position)] }
        guard let elements = value.sequence else {
            report.error("invalid-value", "expected string or array of strings, got: \(value.parserTypeName)", at: value.position)
            return nil
        }
        var texts: [(text: String, position: SourcePosition)] = []
        for element in elements {
            guard let string = element.string else {
                report.error("invalid-value", "expected string value, got: \(element.parserTypeName)", at: element.position)
                continue
            }
            texts.append((string, element.position))
        }
        return texts.count == elements.count ? texts : nil
    }
}
