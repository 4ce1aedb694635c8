/// JSON writes characters beyond U+FFFF as two escapes (RFC 8259 section 7), which YAML does not know.
enum SurrogatePairs {
    /// The text with each pair `\ud83d\ude00` as YAML's single escape `\U0001F600`, if it is JSON: its first character is `{` or `[`. Otherwise, and
    /// without such a pair, the text itself.
    static func joined(in text: String) -> String {
        guard let first = text.utf8.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }), first == 0x7B || first == 0x5B else {
            return text
        }
        let bytes = Array(text.utf8)
        var joined: [UInt8] = []
        var copied = 0
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            guard let high = escape(bytes, at: index), 0xD800..<0xDC00 ~= high, let low = escape(bytes, at: index + 6), 0xDC00..<0xE000 ~= low else {
                // An escaped backslash is skipped together with what it escapes.
                index += 2
                continue
            }
            let scalar = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
            let digits = String(scalar, radix: 16)
            joined += bytes[copied..<index]
            joined += Array("\\U".utf8) + Array(String(repeating: "0", count: 8 - digits.count).utf8) + Array(digits.utf8)
            index += 12
            copied = index
        }
        guard copied > 0 else { return text }
        joined += bytes[copied...]
        return String(decoding: joined, as: UTF8.self)
    }

    /// The number of `\uXXXX` at an offset.
    private static func escape(_ bytes: [UInt8], at index: Int) -> Int? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else { return nil }
        var value = 0
        for byte in bytes[index + 2..<index + 6] {
            guard let digit = FactText.hexValue(byte) else { return nil }
            value = value << 4 | Int(digit)
        }
        return value
    }
}
