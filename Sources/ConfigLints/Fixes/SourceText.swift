import Diagnostics
import PolicyLanguage

/// The configuration file's text, for changes to it. Every answer is nil where the text is not written in the plain way that a change can rely on.
public struct SourceText: Sendable {
    public let file: String
    private let lines: [Substring]

    public init(_ text: String, file: String) {
        self.file = file
        lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// Puts another text in the place of a scalar, within its quotes.
    func replacing(_ value: PositionedValue, with replacement: String) -> TextEdit? {
        guard let text = value.text, !text.isEmpty, let rest = rest(at: value.position) else { return nil }
        var (offset, length) = (0, text.unicodeScalars.count)
        if Self.starts(rest, with: text) {
            guard Self.endsPlain(rest.dropFirst(length)), Self.isPlainSafe(replacement) else { return nil }
        } else if let quote = rest.first, quote == "\"" || quote == "'", Self.starts(rest.dropFirst(), with: text + String(quote)) {
            guard !replacement.unicodeScalars.contains(where: { $0 == quote || $0 == "\\" }) else { return nil }
            offset = 1
        } else {
            return nil
        }
        length += offset + value.position.column
        return edit(at: value.position, columnOffset: offset, endLine: value.position.line, endColumn: length, replacement)
    }

    /// Takes away the line of a key whose value stands behind it.
    func removingLine(of entry: PositionedValue.Entry) -> TextEdit? {
        let position = entry.keyPosition
        guard position.line == entry.value.position.line, entry.value.mapping == nil, entry.value.sequence == nil, isAlone(entry) else { return nil }
        return edit(at: SourcePosition(file: position.file, line: position.line, column: 1), endLine: position.line + 1, endColumn: 1, "")
    }

    /// Takes away the item of a block list that begins at the first position, given where the next one begins.
    func removingItem(at item: SourcePosition, before next: SourcePosition) -> TextEdit? {
        guard item.file == file, next.file == file, item.line < next.line, item.column == next.column, isFirstOfItem(item), isFirstOfItem(next) else {
            return nil
        }
        return edit(at: SourcePosition(file: file, line: item.line, column: 1), endLine: next.line, endColumn: 1, "")
    }

    private func edit(
        at position: SourcePosition, columnOffset: Int = 0, endLine: Int, endColumn: Int, _ replacement: String
    ) -> TextEdit? {
        guard position.file == file else { return nil }
        let start = SourcePosition(file: file, line: position.line, column: position.column + columnOffset)
        return TextEdit(start: start, endLine: endLine, endColumn: endColumn, replacement: replacement)
    }

    private func rest(at position: SourcePosition) -> Substring.UnicodeScalarView? {
        guard position.file == file, position.column > 0, lines.indices.contains(position.line - 1) else { return nil }
        return lines[position.line - 1].unicodeScalars.dropFirst(position.column - 1)
    }

    /// Whether nothing but blanks stands before the key, and nothing but a comment behind the value.
    private func isAlone(_ entry: PositionedValue.Entry) -> Bool {
        guard let value = rest(at: entry.value.position),
            lines[entry.keyPosition.line - 1].unicodeScalars.prefix(entry.keyPosition.column - 1)
                .allSatisfy({ $0 == " " }), let text = entry.value.text
        else { return false }
        if Self.starts(value, with: text) { return Self.isBlankOrComment(value.dropFirst(text.unicodeScalars.count)) }
        guard let quote = value.first, quote == "\"" || quote == "'", Self.starts(value.dropFirst(), with: text + String(quote)) else { return false }
        return Self.isBlankOrComment(value.dropFirst(text.unicodeScalars.count + 2))
    }

    private func isFirstOfItem(_ position: SourcePosition) -> Bool {
        guard lines.indices.contains(position.line - 1), position.column > 2 else { return false }
        let before = lines[position.line - 1].unicodeScalars.prefix(position.column - 1).filter { $0 != " " }
        return before.count == 1 && before.first == "-"
    }

    private static func starts(_ scalars: some Sequence<Unicode.Scalar>, with text: String) -> Bool {
        scalars.starts(with: text.unicodeScalars)
    }

    private static func isBlankOrComment(_ rest: Substring.UnicodeScalarView) -> Bool {
        guard let first = rest.first(where: { $0 != " " && $0 != "\r" }) else { return true }
        return first == "#" && rest.first == " "
    }

    private static func endsPlain(_ rest: Substring.UnicodeScalarView) -> Bool {
        guard let first = rest.first(where: { $0 != " " && $0 != "\r" }) else { return true }
        return first == "," || first == "]" || first == "}" || (first == "#" && rest.first == " ")
    }

    /// Whether a text can stand in YAML without quotes, wherever a scalar can.
    static func isPlainSafe(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        let isWord = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "/")
        }
        let inner = Array("@.-_+/~".utf8)
        return isWord(first) && text.utf8.allSatisfy { isWord($0) || inner.contains($0) }
    }
}
