/// Writes JSON that ``PositionedValue`` reads back as it was, whatever the texts in it hold.
///
/// The caller nests properly. Not for the byte path.
public struct DocumentWriter: Sendable {
    public private(set) var text = ""
    private var needsComma = false

    public init() {}

    public mutating func beginObject() { open("{") }
    public mutating func endObject() { close("}") }
    public mutating func beginArray() { open("[") }
    public mutating func endArray() { close("]") }

    /// A member's name; the next call writes its value.
    public mutating func key(_ name: String) {
        string(name)
        text += ":"
        needsComma = false
    }

    public mutating func string(_ value: String) {
        comma()
        text += "\""
        for scalar in value.unicodeScalars { append(scalar) }
        text += "\""
        needsComma = true
    }

    public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    /// A value that is in its final form already.
    public mutating func raw(_ value: String) {
        comma()
        text += value
        needsComma = true
    }

    public mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    public mutating func member(_ name: String, _ values: [String]) {
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    private mutating func open(_ bracket: Unicode.Scalar) {
        comma()
        text.unicodeScalars.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        text.unicodeScalars.append(bracket)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { text += "," }
    }

    /// What YAML does not take for printable is escaped (YAML 1.2 section 5.1), and what ends a line in some readers.
    private mutating func append(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x22: text += "\\\""
        case 0x5C: text += "\\\\"
        case 0x0A: text += "\\n"
        case 0x0D: text += "\\r"
        case 0x09: text += "\\t"
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
}
