/// A public key or certificate of SSH in its wire form (RFC 4253 section 6.6).
struct SSHPublicKey: Hashable {
    /// The algorithm's name, such as `ssh-ed25519`.
    let algorithm: String
    let blob: [UInt8]

    /// A key from its wire form; nil if it does not begin with the name of an algorithm.
    init?(blob: [UInt8]) {
        var reader = SSHWireReader(blob)
        guard let name = reader.string(), !name.isEmpty, name.count <= 64, name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.algorithm = String(decoding: name, as: UTF8.self)
        self.blob = blob
    }

    /// The key of an authorized_keys line. Options before it and a comment behind it are dropped; the algorithm's name must be that inside the key.
    init?(authorizedKeysLine line: String) {
        // Options may hold quoted spaces, so the key is found as the first word of base64 that follows the name it holds.
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline }).map(String.init)
        for (name, text) in zip(words, words.dropFirst()) {
            if name.hasPrefix("#") { return nil }
            if let blob = Base64.decode(text), let key = SSHPublicKey(blob: blob), key.algorithm == name {
                self = key
                return
            }
        }
        return nil
    }
}

/// Reads the data types of RFC 4251 section 5; every read checks what is left.
struct SSHWireReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func uint32() -> UInt32? {
        guard bytes.count - offset >= 4 else { return nil }
        defer { offset += 4 }
        return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func uint64() -> UInt64? {
        guard let high = uint32(), let low = uint32() else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }

    mutating func string() -> [UInt8]? {
        guard let length = uint32(), bytes.count - offset >= Int(length) else { return nil }
        defer { offset += Int(length) }
        return Array(bytes[offset..<offset + Int(length)])
    }
}
