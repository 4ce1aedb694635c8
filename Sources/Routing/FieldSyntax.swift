/// What HTTP allows in a field line (RFC 9110 sections 5.1 and 5.5), for names and values that operators write.
public enum FieldSyntax {
    /// A token of at most 256 bytes.
    public static func isName(_ text: String) -> Bool {
        let length = text.utf8.count
        return length > 0 && length <= 256 && text.utf8.allSatisfy(isTokenByte)
    }

    /// No control characters but the tab, no blank at either end, at most 16 KiB.
    public static func isValue(_ text: String) -> Bool {
        guard text.utf8.count <= 16 << 10 else { return false }
        if let first = text.utf8.first, first == 0x20 || first == 0x09 { return false }
        if let last = text.utf8.last, last == 0x20 || last == 0x09 { return false }
        return text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }

    /// Framing and connection handling belong to the proxy; such a field can be neither set nor taken away.
    public static func isReserved(_ name: String) -> Bool {
        reserved.contains(name.lowercased())
    }

    private static let reserved: Set<String> = [
        "host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "content-length", "upgrade",
    ]

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
