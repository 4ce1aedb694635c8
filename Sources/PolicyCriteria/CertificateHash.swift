/// A SHA-256 digest in one of the spellings that policies use.
struct CertificateHash: Hashable {
    let bytes: [UInt8]

    /// 64 lower-case hexadecimal digits, or 32 pairs of upper-case ones with colons between them; nothing else.
    init?(fingerprint text: String) {
        let characters = Array(text.utf8)
        let long = characters.count == 95
        guard long || characters.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var offset = 0
        while offset < characters.count {
            if long, offset > 0 {
                guard characters[offset] == UInt8(ascii: ":") else { return nil }
                offset += 1
            }
            guard let high = Self.digit(characters[offset], capital: long), let low = Self.digit(characters[offset + 1], capital: long) else {
                return nil
            }
            bytes.append(high << 4 | low)
            offset += 2
        }
        self.bytes = bytes
    }

    /// Standard base64 (RFC 4648 section 4) with padding, of exactly 32 bytes.
    init?(base64 text: String) {
        guard let bytes = Base64.decode(text), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    private static func digit(_ byte: UInt8, capital: Bool) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46 where capital: byte - 0x41 + 10
        case 0x61...0x66 where !capital: byte - 0x61 + 10
        default: nil
        }
    }
}
