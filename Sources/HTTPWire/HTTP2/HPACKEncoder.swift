/// Encodes the fields of responses (RFC 7541). They come as the lines that the rest of the proxy writes, `Name: value` CRLF.
///
/// A field enters the table when it is sent for the second time: what every response has is one byte from then on, and what differs from response to
/// response pushes nothing out.
public struct HPACKEncoder: Sendable {
    /// The largest table that is used, however much the client allows.
    static let tableSize = 4096

    /// What was sent lately, by a hash of the line.
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        /// The number of its insertion into the table; 0 where it was not.
        var insertion = 0
    }

    private let fixed = HPACKStaticTable.shared
    private let huffman = HuffmanCode.shared
    private var table = HPACKTable(maxSize: Self.tableSize)
    private var slots: [Slot] = []
    /// Where the line that is encoded is put together.
    private var line: [UInt8] = []
    /// Table sizes to be told at the beginning of the next block: the smallest since the last one, and the one that holds (RFC 7541 section 4.2).
    private var pendingSizes: (smallest: Int, last: Int)?

    public init() {}

    /// The client allows a table of so many bytes.
    mutating func allow(tableSize: Int) {
        let size = min(tableSize, Self.tableSize)
        guard size != table.maxSize || pendingSizes != nil else { return }
        pendingSizes = (min(size, pendingSizes?.smallest ?? table.maxSize), size)
        table.resize(size)
    }

    mutating func releaseStorage() {
        line = []
    }

    /// What stands in front of the first field of a block.
    public mutating func begin(_ output: inout [UInt8]) {
        guard let sizes = pendingSizes else { return }
        pendingSizes = nil
        if sizes.smallest < sizes.last { HPACKInteger.append(sizes.smallest, prefix: 5, pattern: 0x20, to: &output) }
        HPACKInteger.append(sizes.last, prefix: 5, pattern: 0x20, to: &output)
    }

    /// `:status`, a number of three digits.
    public mutating func append(status: Int, to output: inout [UInt8]) {
        switch status {
        case 200: output.append(0x88)
        case 204: output.append(0x89)
        case 206: output.append(0x8A)
        case 304: output.append(0x8B)
        case 400: output.append(0x8C)
        case 404: output.append(0x8D)
        case 500: output.append(0x8E)
        default:
            output.append(8)
            output.append(3)
            for divisor in [100, 10, 1] { output.append(0x30 + UInt8(truncatingIfNeeded: status / divisor % 10)) }
        }
    }

    public mutating func append(contentLength: UInt64, to output: inout [UInt8]) {
        output.append(0x0F)
        output.append(28 - 15)
        let place = output.count
        output.append(0)
        DecimalDigits.append(contentLength, to: &output)
        output[place] = UInt8(truncatingIfNeeded: output.count - place - 1)
    }

    /// The fields of `lines` but for those that speak about a connection. The lines were written by a ``HeadBuilder``, which lets nothing through that
    /// could end a line.
    public mutating func append(_ lines: [UInt8], to output: inout [UInt8]) {
        lines.withUnsafeBytes { lines in
            var start = 0
            while let lineFeed = ByteClass.lineFeed(in: lines, from: start, to: lines.count) {
                let end = lineFeed > start && lines[lineFeed - 1] == ByteClass.cr ? lineFeed - 1 : lineFeed
                append(UnsafeRawBufferPointer(rebasing: lines[start..<end]), to: &output)
                start = lineFeed + 1
            }
        }
    }

    private mutating func append(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        // The name, its colon, a space, the value and the end of the line.
        let room = text.count + 3
        if line.count < room { line.append(contentsOf: repeatElement(0, count: max(room - line.count, 256))) }
        let (nameCount, count) = line.withUnsafeMutableBytes { Self.write(text, into: $0) }
        guard nameCount > 0 else { return }
        // A second reference, so that the line can be read while the table is written.
        let line = line
        line.withUnsafeBytes { encode(UnsafeRawBufferPointer(rebasing: $0[0..<count]), nameCount: nameCount, to: &output) }
    }

    /// Writes a field as it is in the tables, its name in lower case. Gives the lengths of its name and of the line; 0 where there is no name.
    private static func write(_ text: UnsafeRawBufferPointer, into line: UnsafeMutableRawBufferPointer) -> (nameCount: Int, count: Int) {
        var nameCount = 0
        while nameCount < text.count, text[nameCount] != 0x3A {
            line[nameCount] = ByteClass.lowercased(text[nameCount])
            nameCount &+= 1
        }
        guard nameCount < text.count else { return (0, 0) }
        var start = nameCount + 1
        while start < text.count, ByteClass.isBlank(text[start]) { start &+= 1 }
        let value = UnsafeRawBufferPointer(rebasing: text[start...])
        line[nameCount] = 0x3A
        line[nameCount + 1] = 0x20
        UnsafeMutableRawBufferPointer(rebasing: line[(nameCount + 2)...]).copyMemory(from: value)
        let end = nameCount + 2 + value.count
        line[end] = 0x0D
        line[end + 1] = 0x0A
        return (nameCount, end + 2)
    }

    private mutating func encode(_ line: UnsafeRawBufferPointer, nameCount: Int, to output: inout [UInt8]) {
        let name = UnsafeRawBufferPointer(rebasing: line[0..<nameCount])
        switch FieldTreatment(of: name) {
        case .dropped: return
        case .secret: literal(line, nameCount, pattern: 0x10, prefix: 4, to: &output)
        case .ordinary:
            let hash = Self.hash(line)
            if slots.isEmpty { slots = Array(repeating: Slot(), count: 64) }
            let place = Int(truncatingIfNeeded: hash >> 58)
            if slots[place].hash == hash {
                let age = table.insertions &- slots[place].insertion
                if slots[place].insertion > 0, let entry = table.entry(age),
                    table.withLine(entry, { ByteClass.equals($0, line.bindMemory(to: UInt8.self)) })
                {
                    return HPACKInteger.append(HPACKStaticTable.count + 1 + age, prefix: 7, pattern: 0x80, to: &output)
                }
                // Larger ones would only empty the table.
                if line.count + HPACKTable.overhead < table.maxSize / 2 {
                    literal(line, nameCount, pattern: 0x40, prefix: 6, to: &output)
                    table.insert(line, nameCount: nameCount, facts: FieldNameFacts(line: line, nameCount: nameCount))
                    slots[place].insertion = table.insertions
                    return
                }
            }
            slots[place] = Slot(hash: hash)
            literal(line, nameCount, pattern: 0, prefix: 4, to: &output)
        }
    }

    private func literal(_ line: UnsafeRawBufferPointer, _ nameCount: Int, pattern: UInt8, prefix: Int, to output: inout [UInt8]) {
        let name = UnsafeRawBufferPointer(rebasing: line[0..<nameCount])
        let value = UnsafeRawBufferPointer(rebasing: line[nameCount + 2..<line.count - 2])
        let number = fixed.index(of: name)
        HPACKInteger.append(number, prefix: prefix, pattern: pattern, to: &output)
        // What enters the table is sent once and is worth making short.
        let isCoded = pattern == 0x40
        if number == 0 { self.text(name, isCoded: isCoded, to: &output) }
        self.text(value, isCoded: isCoded, to: &output)
    }

    private func text(_ text: UnsafeRawBufferPointer, isCoded: Bool, to output: inout [UInt8]) {
        if isCoded {
            let count = huffman.encodedCount(text)
            if count < text.count {
                HPACKInteger.append(count, prefix: 7, pattern: 0x80, to: &output)
                return huffman.encode(text, into: &output)
            }
        }
        HPACKInteger.append(text.count, prefix: 7, pattern: 0, to: &output)
        output.append(contentsOf: text)
    }

    /// Eight bytes at a time. Whoever finds a collision has only made the encoder write a field out.
    private static func hash(_ line: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: line.count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index &+ 8 <= line.count {
            hash = (hash ^ line.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            index &+= 8
        }
        while index < line.count {
            hash = (hash ^ UInt64(line[index])) &* 0xFF51_AFD7_ED55_8CCD
            index &+= 1
        }
        return hash ^ (hash >> 29) == 0 ? 1 : (hash ^ (hash >> 29)) &* 0xC4CE_B9FE_1A85_EC53
    }
}
