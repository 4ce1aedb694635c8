import Diagnostics

/// Refuses documents in which aliases could multiply inside a mapping key.
///
/// The YAML library compares keys by their whole content, so nested aliases in a key (`? *bomb`) would cost exponential time before any count of
/// ours could stop it. No setting and no policy has such a key. The scan reads bytes, not YAML: it may see an alias or a key inside a comment or
/// a string, so it refuses only when anchors and aliases are numerous enough to matter *and* something looks like a collection used as a key.
enum AliasKeyGuard {
    /// The number of expanded values in a key that is still harmless.
    private static let harmless = 1_000_000.0

    static func refusal(of text: String, file: String) -> Diagnostic? {
        var text = text
        return text.withUTF8 { bytes -> Diagnostic? in
            var anchors = 0
            var aliases = 0
            for index in bytes.indices.dropLast() where isName(bytes[index + 1]) {
                if bytes[index] == UInt8(ascii: "&") { anchors += 1 }
                if bytes[index] == UInt8(ascii: "*") { aliases += 1 }
            }
            guard anchors > 0, aliases > 0, worstExpansion(anchors: anchors, aliases: aliases) > harmless else { return nil }
            guard let line = lineOfCollectionKey(UnsafeRawBufferPointer(bytes)) else { return nil }
            return Diagnostic(
                code: "alias-in-key", "this looks like a collection used as a mapping key, in a document with many aliases",
                at: SourcePosition(file: file, line: line), help: "write the key as a string, or the aliases out")
        }
    }

    /// The largest product that the aliases, dealt out evenly to the anchors, can make.
    private static func worstExpansion(anchors: Int, aliases: Int) -> Double {
        var worst = 1.0
        for levels in 1...min(anchors, 64) {
            var product = 1.0
            for _ in 0..<levels where product <= harmless { product *= Double(aliases) / Double(levels) + 1 }
            worst = max(worst, product)
        }
        return worst
    }

    private static func lineOfCollectionKey(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var line = 1
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "?"):
                // `? key`, at the beginning of a token.
                let opens = index == 0 || isSeparator(bytes[index - 1])
                if opens, index + 1 == bytes.count || isSeparator(bytes[index + 1]) { return line }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if colonFollows(bytes, after: index) { return line }
            case UInt8(ascii: "*"):
                var end = index
                while end + 1 < bytes.count, isName(bytes[end + 1]) { end += 1 }
                if end > index, colonFollows(bytes, after: end) { return line }
            default: break
            }
            index += 1
        }
        return nil
    }

    private static func colonFollows(_ bytes: UnsafeRawBufferPointer, after index: Int) -> Bool {
        var next = index + 1
        while next < bytes.count, bytes[next] == 0x20 || bytes[next] == 0x09 { next += 1 }
        return next < bytes.count && bytes[next] == UInt8(ascii: ":")
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: "-"), UInt8(ascii: ":"): true
        default: false
        }
    }
}
