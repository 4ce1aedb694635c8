/// The grammar of chunk extensions (RFC 9112 section 7.1.1), byte by byte: `;name`, `;name=token`, `;name="quoted"`. Bad white space is
/// refused: whoever sends it wants two parsers to disagree.
struct ChunkExtensions: Sendable {
    private enum State {
        case nameStart, name, valueStart, value, quoted, escaped, afterQuoted
    }

    private var state = State.nameStart

    /// The line may end here.
    var isComplete: Bool {
        switch state {
        case .name, .value, .afterQuoted: true
        case .nameStart, .valueStart, .quoted, .escaped: false
        }
    }

    /// Takes one byte behind the first `;`.
    ///
    /// - Returns: false when it cannot stand here.
    mutating func take(_ byte: UInt8) -> Bool {
        switch state {
        case .nameStart, .name:
            if state == .name, byte == 0x3D {
                state = .valueStart
                return true
            }
            if state == .name, byte == 0x3B { return next() }
            state = .name
            return ByteClass.isToken(byte)
        case .valueStart:
            state = byte == 0x22 ? .quoted : .value
            return byte == 0x22 || ByteClass.isToken(byte)
        case .value:
            return byte == 0x3B ? next() : ByteClass.isToken(byte)
        case .quoted:
            if byte == 0x22 {
                state = .afterQuoted
            } else if byte == 0x5C {
                state = .escaped
            }
            return Self.isQuotable(byte)
        case .escaped:
            state = .quoted
            return Self.isQuotable(byte)
        case .afterQuoted:
            return byte == 0x3B && next()
        }
    }

    private mutating func next() -> Bool {
        state = .nameStart
        return true
    }

    private static func isQuotable(_ byte: UInt8) -> Bool { byte == ByteClass.tab || (byte >= 0x20 && byte != 0x7F) }
}
