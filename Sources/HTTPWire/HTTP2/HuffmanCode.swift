/// The Huffman code of RFC 7541 appendix B. It is canonical: among codes of one length and in order of length the symbols ascend, so that the lengths say all.
struct HuffmanCode: Sendable {
    /// Bits of the code of every byte, and of the end of a text behind them.
    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ]
    /// Codes of up to this many bits are found by one look into a table.
    private static let shortBits = 10
    private static let endOfText = 256

    static let shared = HuffmanCode()

    /// Code and length of every byte.
    private var codes: [(code: UInt32, bits: UInt8)]
    /// For every beginning of ten bits: the symbol, and the length of its code above it; 0 where the code is longer.
    private var short: [UInt16]
    /// For every length: the first code behind those of this length, shifted to the top of 32 bits, or 0 where there is none.
    private var limits = [UInt64](repeating: 0, count: 31)
    /// For every length: where its first symbol stands in `symbols`, minus its first code.
    private var offsets = [Int](repeating: 0, count: 31)
    private var symbols: [UInt16]

    private init() {
        symbols = (0...UInt16(Self.endOfText)).sorted { (Self.lengths[Int($0)], $0) < (Self.lengths[Int($1)], $1) }
        codes = Array(repeating: (0, 0), count: 257)
        short = Array(repeating: 0, count: 1 << Self.shortBits)
        var code: UInt32 = 0
        var bits: UInt8 = 0
        for (place, symbol) in symbols.enumerated() {
            let length = Self.lengths[Int(symbol)]
            if length != bits { offsets[Int(length)] = place - Int(code << UInt32(length - bits)) }
            code <<= UInt32(length - bits)
            bits = length
            codes[Int(symbol)] = (code, bits)
            if Int(bits) <= Self.shortBits {
                let first = Int(code) << (Self.shortBits - Int(bits))
                for entry in first..<first + 1 << (Self.shortBits - Int(bits)) { short[entry] = UInt16(bits) << 8 | symbol }
            }
            code += 1
            limits[Int(bits)] = UInt64(code) << UInt64(32 - bits)
        }
    }

    // MARK: Decoding

    /// Bytes that `count` coded ones can become.
    static func decodedLimit(_ count: Int) -> Int { count * 8 / 5 + 1 }

    /// Decodes `text` into `output`, which has room for `decodedLimit`.
    ///
    /// - Returns: the number of bytes, or nil where the code for the end of a text is in it, or its padding is not the beginning of that code
    ///   with less than eight bits (RFC 7541 section 5.2).
    func decode(_ text: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
        var written = 0
        // The next bits, at the top.
        var window: UInt64 = 0
        var available = 0
        var index = 0
        return short.withUnsafeBufferPointer { short -> Int? in
            while true {
                while available <= 56, index < text.count {
                    window |= UInt64(text[index]) << UInt64(56 - available)
                    available &+= 8
                    index &+= 1
                }
                let entry = short[Int(truncatingIfNeeded: window >> 54)]
                var bits = Int(entry >> 8)
                var symbol = UInt8(truncatingIfNeeded: entry)
                if bits == 0 {
                    guard available > Self.shortBits else { break }
                    guard let (long, length) = longSymbol(window >> 32), length <= available else { break }
                    guard long < Self.endOfText else { return nil }
                    (symbol, bits) = (UInt8(truncatingIfNeeded: long), length)
                }
                guard bits <= available else { break }
                output[written] = symbol
                written &+= 1
                window <<= UInt64(bits)
                available &-= bits
            }
            // What is left is padding: ones, and not a whole byte of them.
            guard available < 8 else { return nil }
            return available == 0 || window >> UInt64(64 - available) == (1 << UInt64(available)) - 1 ? written : nil
        }
    }

    /// The symbol whose code is longer than the table's, and its length. `top` has the next 32 bits.
    private func longSymbol(_ top: UInt64) -> (symbol: Int, length: Int)? {
        for length in Self.shortBits + 1...30 where limits[length] > 0 && top < limits[length] {
            let place = offsets[length] + Int(top >> UInt64(32 - length))
            return symbols.indices.contains(place) ? (Int(symbols[place]), length) : nil
        }
        return nil
    }

    // MARK: Encoding

    /// Bytes that `text` takes in this code.
    func encodedCount(_ text: UnsafeRawBufferPointer) -> Int {
        var bits = 0
        for byte in text { bits &+= Int(codes[Int(byte)].bits) }
        return (bits + 7) / 8
    }

    func encode(_ text: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var window: UInt64 = 0
        var filled = 0
        for byte in text {
            let (code, bits) = codes[Int(byte)]
            window = window << UInt64(bits) | UInt64(code)
            filled &+= Int(bits)
            while filled >= 8 {
                filled &-= 8
                output.append(UInt8(truncatingIfNeeded: window >> UInt64(filled)))
            }
        }
        if filled > 0 { output.append(UInt8(truncatingIfNeeded: window << UInt64(8 - filled) | (0xFF >> UInt64(filled)))) }
    }
}
