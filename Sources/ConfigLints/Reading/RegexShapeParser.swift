/// Reads an expression's structure. Nil for what it does not know (look-around, back references and the like): nothing is said of these.
struct RegexShapeParser {
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0
    private var failed = false
    private static let maximumDepth = 100

    static func shape(of pattern: String) -> RegexShape? {
        var parser = RegexShapeParser(bytes: Array(pattern.utf8))
        let shape = parser.choice()
        return parser.failed || parser.offset < parser.bytes.count ? nil : shape
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        offset += 1
        return true
    }

    private mutating func choice() -> RegexShape {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            failed = true
            return .nothing
        }
        var parts = [sequence()]
        while !failed, take("|") { parts.append(sequence()) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() -> RegexShape {
        var parts: [RegexShape] = []
        while !failed, let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            parts.append(repetition(of: atom()))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom() -> RegexShape {
        guard let byte = next else { return .nothing }
        offset += 1
        switch byte {
        case UInt8(ascii: "("): return group()
        case UInt8(ascii: "["): return .bytes(set())
        case UInt8(ascii: "."): return .bytes(ByteSet(UInt8(ascii: "\n")).inverted)
        case UInt8(ascii: "^"), UInt8(ascii: "$"): return .nothing
        case UInt8(ascii: "\\"): return escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            failed = true
            return .nothing
        default: return .bytes(ByteSet(byte))
        }
    }

    private mutating func group() -> RegexShape {
        if take("?") {
            if take("P") { _ = take("<") ? skipName() : fail() } else if take("<") { _ = skipName() } else if !take(":") { fail() }
        }
        let body = choice()
        if !take(")") { fail() }
        return body
    }

    @discardableResult
    private mutating func fail() -> Bool {
        failed = true
        return false
    }

    /// The name of a group up to `>`; look-behind begins with another byte.
    private mutating func skipName() -> Bool {
        while let byte = next, (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_") {
            offset += 1
        }
        return take(">") || fail()
    }

    private mutating func escape() -> RegexShape {
        guard let byte = next else {
            failed = true
            return .nothing
        }
        offset += 1
        if let set = Self.classSet(byte) { return .bytes(set) }
        switch byte {
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "Z"): return .nothing
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "f"): return .bytes(ByteSet(0x09...0x0D))
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A:
            failed = true
            return .nothing
        default: return .bytes(ByteSet(byte))
        }
    }

    private static func classSet(_ byte: UInt8) -> ByteSet? {
        let digits = ByteSet(0x30...0x39)
        let words = digits.union(ByteSet(0x41...0x5A)).union(ByteSet(0x61...0x7A)).union(ByteSet("_"))
        let blanks = ByteSet(0x09...0x0D).union(ByteSet(" "))
        switch byte {
        case UInt8(ascii: "d"): return digits
        case UInt8(ascii: "D"): return digits.inverted
        case UInt8(ascii: "w"): return words
        case UInt8(ascii: "W"): return words.inverted
        case UInt8(ascii: "s"): return blanks
        case UInt8(ascii: "S"): return blanks.inverted
        default: return nil
        }
    }

    /// Behind the `[`.
    private mutating func set() -> ByteSet {
        let isInverted = take("^")
        var result = ByteSet()
        var isFirst = true
        while let byte = next, isFirst || byte != UInt8(ascii: "]") {
            isFirst = false
            offset += 1
            if byte == UInt8(ascii: "["), next == UInt8(ascii: ":") || next == UInt8(ascii: ".") || next == UInt8(ascii: "=") {
                failed = true
                return result
            }
            var low = byte
            if byte == UInt8(ascii: "\\") {
                guard let escaped = next else { break }
                offset += 1
                if let set = Self.classSet(escaped) {
                    result = result.union(set)
                    continue
                }
                if (0x30...0x39).contains(escaped) || (escaped | 0x20) >= 0x61 && (escaped | 0x20) <= 0x7A {
                    failed = true
                    return result
                }
                low = escaped
            }
            if next == UInt8(ascii: "-"), offset + 1 < bytes.count, bytes[offset + 1] != UInt8(ascii: "]"), bytes[offset + 1] != UInt8(ascii: "\\") {
                let high = bytes[offset + 1]
                offset += 2
                guard low <= high else {
                    failed = true
                    return result
                }
                result = result.union(ByteSet(low...high))
            } else {
                result.insert(low)
            }
        }
        if !take("]") { failed = true }
        return isInverted ? result.inverted : result
    }

    private mutating func repetition(of atom: RegexShape) -> RegexShape {
        var shape = atom
        while !failed, let byte = next {
            switch byte {
            case UInt8(ascii: "*"): shape = .repeated(shape, isOptional: true, isUnbounded: true)
            case UInt8(ascii: "+"): shape = .repeated(shape, isOptional: false, isUnbounded: true)
            case UInt8(ascii: "?"): shape = .repeated(shape, isOptional: true, isUnbounded: false)
            case UInt8(ascii: "{"):
                guard let bounds = bounds() else { return shape }
                shape = .repeated(shape, isOptional: bounds.low == 0, isUnbounded: (bounds.high ?? .max) > 16)
                continue
            default: return shape
            }
            offset += 1
            // Possessive: no second way is tried. Lazy ones try the same ways in another order.
            if next == UInt8(ascii: "+") { failed = true } else { _ = take("?") }
        }
        return shape
    }

    /// `{n}`, `{n,}`, `{n,m}`; anything else is a literal brace, which is not read.
    private mutating func bounds() -> (low: Int, high: Int?)? {
        guard let close = bytes[offset...].prefix(16).firstIndex(of: UInt8(ascii: "}")) else {
            failed = true
            return nil
        }
        let parts = String(decoding: bytes[(offset + 1)..<close], as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false)
        guard let low = parts.first.flatMap({ Int($0) }), parts.count <= 2 else {
            failed = true
            return nil
        }
        offset = close + 1
        _ = take("?")
        return (low, parts.count == 1 ? low : Int(parts[1]))
    }
}
