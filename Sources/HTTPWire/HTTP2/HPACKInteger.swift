/// Integers of RFC 7541 section 5.1.
enum HPACKInteger {
    /// Larger ones are refused: nothing that is received or sent here needs them.
    static let limit = 1 << 28

    /// Reads an integer whose first byte is at `index`, the low `prefix` bits of which belong to it.
    ///
    /// - Returns: the value, or nil when it is cut off or too large. `index` is then behind it.
    @inline(__always)
    static func read(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, prefix: Int) -> Int? {
        guard index < bytes.count else { return nil }
        let mask = (1 << prefix) - 1
        var value = Int(bytes[index]) & mask
        index &+= 1
        guard value == mask else { return value }
        var shift = 0
        while index < bytes.count {
            let byte = bytes[index]
            index &+= 1
            guard shift <= 21 || byte & 0x7F == 0, shift <= 35 else { return nil }
            value &+= Int(byte & 0x7F) << shift
            shift &+= 7
            if byte & 0x80 == 0 { return value <= limit ? value : nil }
        }
        return nil
    }

    /// `pattern` has the bits above the prefix.
    @inline(__always)
    static func append(_ value: Int, prefix: Int, pattern: UInt8, to bytes: inout [UInt8]) {
        let mask = (1 << prefix) - 1
        guard value >= mask else { return bytes.append(pattern | UInt8(truncatingIfNeeded: value)) }
        bytes.append(pattern | UInt8(truncatingIfNeeded: mask))
        var rest = value - mask
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
