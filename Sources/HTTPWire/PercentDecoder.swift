/// Percent-decoding (RFC 3986 section 2.1), once and strict. `+` stays what it is.
public enum PercentDecoder {
    /// Appends the decoded bytes.
    ///
    /// - Returns: false for a `%` without two hexadecimal digits behind it; `output` then holds what came before.
    public static func decode(_ input: ByteView, into output: inout [UInt8]) -> Bool {
        input.withUnsafeBytes { bytes in
            var index = 0
            while index < bytes.count {
                guard bytes[index] == 0x25 else {
                    output.append(bytes[index])
                    index &+= 1
                    continue
                }
                guard let value = escape(at: index, of: bytes) else { return false }
                output.append(value)
                index &+= 3
            }
            return true
        }
    }

    /// The decoded text; nil when an escape is malformed or the result is not UTF-8.
    public static func decode(_ input: ByteView) -> String? {
        if !input.contains(0x25) { return String(validating: input, as: UTF8.self) }
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        guard decode(input, into: &output) else { return nil }
        return String(validating: output, as: UTF8.self)
    }

    /// The byte that the escape at `index` stands for; nil when it is malformed.
    static func escape(at index: Int, of bytes: UnsafeRawBufferPointer) -> UInt8? {
        guard index + 2 < bytes.count, let high = ByteClass.hexValue(bytes[index + 1]), let low = ByteClass.hexValue(bytes[index + 2]) else {
            return nil
        }
        return high << 4 | low
    }

    /// Upper-case digit of 0 to 15.
    static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
}
