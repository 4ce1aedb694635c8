/// What an unquoted YAML scalar stands for: the YAML 1.2 core schema with the number forms that operators' files use (`0x1f`, `0o17`, `017`, `0b1`,
/// `1_000`). `yes`, `no`, `on`, `off`, timestamps and `12:30` are strings.
enum ScalarResolution {
    static func kind(ofPlain text: String) -> PositionedValue.Kind {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: break
        }
        // Longer digits are identifiers, and hardly a number of any setting.
        guard text.utf8.count <= 64, text.utf8.first.map({ isDigit($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }) ?? false else {
            return .string(text)
        }
        if let integer = integer(text) { return .int(integer) }
        if let double = double(text) { return .double(double) }
        return .string(text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func integer(_ text: String) -> Int? {
        var digits = text.utf8[...]
        var negative = false
        if let sign = digits.first, sign == 0x2B || sign == 0x2D {
            negative = sign == 0x2D
            digits.removeFirst()
        }
        guard let first = digits.first, isDigit(first) else { return nil }
        var radix = 10
        if first == 0x30, digits.count > 1 {
            switch digits.dropFirst().first {
            case 0x78: radix = 16
            case 0x62: radix = 2
            default: radix = 8
            }
            digits.removeFirst()
            if let marker = digits.first, marker == 0x78 || marker == 0x6F || marker == 0x62 { digits.removeFirst() }
        }
        let plain = String(decoding: digits.filter { $0 != 0x5F }, as: UTF8.self)
        guard plain.utf8.first.map({ $0 != 0x2B && $0 != 0x2D }) ?? false else { return nil }
        return Int((negative ? "-" : "") + plain, radix: radix)
    }

    private static func double(_ text: String) -> Double? {
        var digits = 0
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39: digits += 1
            case 0x2B, 0x2D, 0x2E, 0x45, 0x65, 0x5F: break
            default: return nil
            }
        }
        guard digits > 0 else { return nil }
        return Double(text.utf8.contains(0x5F) ? text.filter { $0 != "_" } : text)
    }
}
