/// What an expression over whole paths certainly takes.
enum RegexCoverage: Equatable {
    /// One path.
    case exact([UInt8])
    /// Every path that begins so.
    case prefix([UInt8])
    /// Some paths that begin so.
    case within([UInt8])

    init(_ pattern: String) {
        var bytes = Array(pattern.utf8)[...]
        if bytes.first == UInt8(ascii: "^") { bytes = bytes.dropFirst() }
        guard !Self.hasAlternatives(bytes) else {
            self = .within([])
            return
        }
        var head: [UInt8] = []
        while let byte = bytes.first {
            if byte == UInt8(ascii: "\\") {
                guard let escaped = bytes.dropFirst().first, !Self.isWord(escaped) else { break }
                head.append(escaped)
                bytes = bytes.dropFirst(2)
            } else if "*?{+".utf8.contains(byte) {
                // The repetition is of what stands before it.
                if !head.isEmpty { head.removeLast() }
                break
            } else if ".[()|^$".utf8.contains(byte) {
                break
            } else {
                head.append(byte)
                bytes = bytes.dropFirst()
            }
        }
        switch String(decoding: bytes, as: UTF8.self) {
        case "", "$": self = .exact(head)
        case ".*", ".*$": self = .prefix(head)
        default: self = .within(head)
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// A bar outside of groups and classes; in doubt there is one.
    private static func hasAlternatives(_ bytes: ArraySlice<UInt8>) -> Bool {
        var depth = 0
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "|") where depth <= 0: return true
            default: break
            }
        }
        return false
    }
}
