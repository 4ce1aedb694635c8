/// How a field section is filled: bytes are copied once, lines are parsed as soon as they are complete, and no byte is searched twice.
extension FieldSection {
    /// The outcome of looking for the next line.
    enum Line {
        case incomplete
        /// The line without its CRLF.
        case complete(Range<Int>)
        case failed(WireError)
    }

    /// Appends bytes of `input` up to and including the empty line that ends the section, or all of it. Never lets the section grow beyond `limit`.
    ///
    /// - Returns: how many bytes were taken.
    mutating func append(_ input: UnsafeRawBufferPointer, limit: Int) -> Int {
        let window = min(input.count, max(0, limit - bytes.count))
        // `lineLength` counts the bytes of the current line that are already here.
        var lineLength = bytes.count - lineStart
        var lastByte = bytes.last
        var position = 0
        while let lineFeed = ByteClass.lineFeed(in: input, from: position, to: window) {
            lineLength += lineFeed - position
            if lineFeed > position { lastByte = input[lineFeed - 1] }
            position = lineFeed + 1
            if lineLength == 0 || (lineLength == 1 && lastByte == ByteClass.cr) {
                bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[0..<position]))
                return position
            }
            lineLength = 0
        }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[0..<window]))
        return window
    }

    /// The next complete line of `source`, which holds this section's bytes.
    mutating func nextLine(in source: UnsafeRawBufferPointer) -> Line {
        guard let lineFeed = ByteClass.lineFeed(in: source, from: searched, to: source.count) else {
            searched = source.count
            return .incomplete
        }
        let start = lineStart
        searched = lineFeed + 1
        lineStart = lineFeed + 1
        guard lineFeed > start, source[lineFeed - 1] == ByteClass.cr else { return .failed(.bareLineFeed) }
        return .complete(start..<lineFeed - 1)
    }

    /// Parses one field line (RFC 9112 section 5) and records it.
    mutating func appendField(_ line: Range<Int>, of source: UnsafeRawBufferPointer, limit: Int) -> WireError? {
        guard fields.count < limit else { return .tooManyFields }
        if ByteClass.isBlank(source[line.lowerBound]) { return .foldedField }

        // The literal has 128 bytes and lives as long as the program; only bytes below 0x80 index it.
        let table = FoldedName.table.utf8Start
        var hash = FoldedName.seed
        var underscores = 0
        var colon = line.lowerBound
        while colon < line.upperBound {
            let byte = source[colon]
            guard byte < 0x80 else { break }
            let folded = table[Int(byte)]
            guard folded != 0 else { break }
            underscores &+= byte == 0x5F ? 1 : 0
            hash = FoldedName.combine(hash, folded)
            colon &+= 1
        }
        guard colon < line.upperBound else { return .missingColon }
        guard source[colon] == 0x3A else { return nameFault(line, at: colon, of: source) }
        guard colon > line.lowerBound else { return .emptyFieldName }

        var start = colon + 1
        var end = line.upperBound
        while start < end, ByteClass.isBlank(source[start]) { start &+= 1 }
        while end > start, ByteClass.isBlank(source[end - 1]) { end &-= 1 }
        let value = UnsafeRawBufferPointer(rebasing: source[start..<end])
        guard ByteClass.isFieldValue(value) else { return value.contains(ByteClass.cr) ? .bareCarriageReturn : .invalidFieldValue }

        if underscores > 0 { hasUnderscoreName = true }
        fields.append(
            HeadField(
                name: ByteRange(line.lowerBound, colon),
                value: ByteRange(start, end),
                foldedHash: FoldedName.finish(hash),
                known: KnownField.recognise(UnsafeRawBufferPointer(rebasing: source[line.lowerBound..<colon])),
                isCanonical: start == colon + 2 && source[colon + 1] == ByteClass.space && end == line.upperBound))
        return nil
    }

    /// Names the fault of a field name that ends before its colon.
    private func nameFault(_ line: Range<Int>, at index: Int, of source: UnsafeRawBufferPointer) -> WireError {
        var next = index
        while next < line.upperBound, ByteClass.isBlank(source[next]) { next += 1 }
        guard next > index else { return source[index] == ByteClass.cr ? .bareCarriageReturn : .invalidFieldName }
        if next == line.upperBound { return .missingColon }
        return source[next] == 0x3A ? .spaceBeforeColon : .invalidFieldName
    }
}

/// The hash of a field name under which all spellings that fold together are equal (FNV-1a over folded bytes).
enum FoldedName {
    static let seed: UInt32 = 0x811C_9DC5

    /// `ByteClass.folded` of every ASCII byte that may stand in a name, zero for the others. A literal needs no initialisation.
    static var table: StaticString {
        """
        \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
        \0-\0-----\0\0--\0--\00123456789\0\0\0\0\0\0\
        \0abcdefghijklmnopqrstuvwxyz\0\0\0--\
        -abcdefghijklmnopqrstuvwxyz\0-\0-\0
        """
    }

    @inline(__always)
    static func combine(_ hash: UInt32, _ folded: UInt8) -> UInt32 { (hash ^ UInt32(folded)) &* 0x0100_0193 }

    /// Spreads the low bits, which pick a slot.
    @inline(__always)
    static func finish(_ hash: UInt32) -> UInt32 { hash ^ (hash >> 15) }

    static func hash(_ folded: [UInt8]) -> UInt32 {
        finish(folded.reduce(seed) { combine($0, ByteClass.folded($1)) })
    }
}
