/// What the name of a field in HTTP/2 is, found once and kept in the table of the connection where the field is repeated.
struct FieldNameFacts: Sendable {
    enum Kind: UInt8, Sendable {
        case regular
        case method, scheme, path, authority, `protocol`
        /// Begins with a colon and is none of those of a request.
        case otherPseudo
        case empty
        /// No token, or with capitals (RFC 9113 section 8.2.1).
        case invalid
    }

    var kind: Kind
    var known: KnownField
    var hasUnderscore: Bool
    /// The value can stand in a line.
    var isValueValid: Bool
    /// White space around the value, which is none of it.
    var isPadded: Bool
    var foldedHash: UInt32

    /// `line` is `name: value` CRLF.
    init(line: UnsafeRawBufferPointer, nameCount: Int) {
        let name = UnsafeRawBufferPointer(rebasing: line[0..<nameCount])
        let value = UnsafeRawBufferPointer(rebasing: line[nameCount + 2..<line.count - 2])
        (kind, known, hasUnderscore, foldedHash) = (.regular, .other, false, 0)
        isValueValid = ByteClass.isFieldValue(value)
        isPadded = value.first.map(ByteClass.isBlank) ?? false || value.last.map(ByteClass.isBlank) ?? false
        if name.first == 0x3A {
            kind = Self.pseudo(name)
            return
        }
        guard !name.isEmpty else {
            kind = .empty
            return
        }
        let table = FoldedName.table.utf8Start
        var hash = FoldedName.seed
        for byte in name {
            // The literal has 128 bytes and lives as long as the program.
            guard byte < 0x80, byte &- 0x41 >= 26, table[Int(byte)] != 0 else {
                kind = .invalid
                return
            }
            hasUnderscore = hasUnderscore || byte == 0x5F
            hash = FoldedName.combine(hash, table[Int(byte)])
        }
        foldedHash = FoldedName.finish(hash)
        known = KnownField.recognise(name)
    }

    private static func pseudo(_ name: UnsafeRawBufferPointer) -> Kind {
        func reads(_ text: StaticString) -> Bool { text.withUTF8Buffer { ByteClass.equals(name, $0) } }
        if reads(":method") { return .method }
        if reads(":scheme") { return .scheme }
        if reads(":path") { return .path }
        if reads(":authority") { return .authority }
        return reads(":protocol") ? .protocol : .otherPseudo
    }
}
