import Mustache

/// Escapes by Unicode scalar for element content and quoted attribute values.
///
/// The content type that ships with Mustache compares whole grapheme clusters, so a quotation mark followed by a combining
/// mark passes it unescaped and would end an attribute.
struct HTMLEscaping: MustacheContentType {
    static let name = "POSTERN_HTML"

    func escapeText(_ text: String) -> String {
        Self.escape(text)
    }

    /// Also replaces control characters other than tab and line feed, which HTML does not allow, with U+FFFD.
    static func escape(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            case "`": escaped.append(contentsOf: "&#96;".unicodeScalars)
            case "\t", "\n": escaped.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": escaped.append("\u{FFFD}")
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
