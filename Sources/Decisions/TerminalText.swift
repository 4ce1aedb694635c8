/// Text of foreign origin for a terminal.
enum TerminalText {
    /// What a client sent must not steer the reader's terminal: control characters, and those that turn the direction of writing, become U+FFFD.
    static func safe(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value || 0x202A...0x202E ~= scalar.value || 0x2066...0x2069 ~= scalar.value
            safe.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(safe)
    }
}
