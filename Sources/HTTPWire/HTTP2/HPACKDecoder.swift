/// Decodes the field blocks of one connection (RFC 7541) into a ``FieldCollector``.
///
/// Fields come as lines of HTTP/1.1 from the static table, from the dynamic one, or from one buffer that is used again and again: there is no
/// allocation for a field. The table is kept right whatever the collector thinks of the fields, so that a refused request spoils no other.
public struct HPACKDecoder: Sendable {
    /// The size of the table that a client may use, which is the default (RFC 9113 section 6.5.2).
    static let tableSize = 4096
    /// A buffer larger than this is not kept.
    private static let keptScratch = 16 * 1024

    private let fixed = HPACKStaticTable.shared
    private let huffman = HuffmanCode.shared
    private var table = HPACKTable(maxSize: Self.tableSize)
    /// A line that is put together; its length is `scratchCount`.
    private var scratch: [UInt8] = []
    private var scratchCount = 0
    /// Bytes that the block may still become.
    private var budget = 0

    /// The last block would have become more than it may.
    public var isOverspent: Bool { budget < 0 }

    public init() {}

    /// Decodes one whole block.
    ///
    /// - Parameters:
    ///   - block: what the frames of one field section hold together.
    ///   - fields: gets the fields.
    ///   - budget: bytes that the block may become. Two bytes can stand for a field as large as the table, and each costs a copy.
    /// - Returns: false where it breaks the rules of the coding or its budget: the connection cannot go on (RFC 9113 section 4.3).
    public mutating func decode(_ block: UnsafeRawBufferPointer, into fields: inout FieldCollector, budget: Int = .max) -> Bool {
        self.budget = budget
        var index = 0
        var isFirst = true
        while index < block.count {
            let byte = block[index]
            if byte & 0x80 != 0 {
                guard let number = HPACKInteger.read(block, &index, prefix: 7), add(number, to: &fields) else { return false }
            } else if byte & 0xE0 == 0x20 {
                // Only at the beginning (RFC 7541 section 4.2).
                guard isFirst, let size = HPACKInteger.read(block, &index, prefix: 5), size <= Self.tableSize else { return false }
                table.resize(size)
                continue
            } else {
                let isIndexed = byte & 0x40 != 0
                guard let number = HPACKInteger.read(block, &index, prefix: isIndexed ? 6 : 4) else { return false }
                guard addLiteral(number, of: block, &index, isIndexed: isIndexed, to: &fields) else { return false }
            }
            isFirst = false
        }
        if scratch.count > Self.keptScratch { scratch = [] }
        return true
    }

    /// A field that is in a table.
    private mutating func add(_ number: Int, to fields: inout FieldCollector) -> Bool {
        guard number > 0 else { return false }
        if number <= HPACKStaticTable.count {
            let entry = fixed.entry(number)
            guard spend(Int(entry.lineCount)) else { return false }
            fixed.withLine(entry) { fields.add($0, nameCount: Int(entry.nameCount), facts: entry.facts) }
            return true
        }
        guard let entry = table.entry(number - HPACKStaticTable.count - 1), spend(Int(entry.lineCount)) else { return false }
        table.withLine(entry) { fields.add($0, nameCount: Int(entry.nameCount), facts: entry.facts) }
        return true
    }

    private mutating func spend(_ count: Int) -> Bool {
        budget -= count
        return budget >= 0
    }

    private mutating func addLiteral(
        _ number: Int, of block: UnsafeRawBufferPointer, _ index: inout Int, isIndexed: Bool, to fields: inout FieldCollector
    )
        -> Bool
    {
        scratchCount = 0
        if number == 0 {
            guard appendText(of: block, &index) else { return false }
        } else if number <= HPACKStaticTable.count {
            let entry = fixed.entry(number)
            fixed.withLine(entry) { append(UnsafeRawBufferPointer(rebasing: $0[0..<Int(entry.nameCount)])) }
        } else {
            guard let entry = table.entry(number - HPACKStaticTable.count - 1) else { return false }
            // A second reference, so that the line can be read while the scratch is written.
            let table = table
            table.withLine(entry) { append(UnsafeRawBufferPointer(rebasing: $0[0..<Int(entry.nameCount)])) }
        }
        let nameCount = scratchCount
        append(0x3A, 0x20)
        guard appendText(of: block, &index) else { return false }
        append(0x0D, 0x0A)
        guard spend(scratchCount) else { return false }
        // Nobody reads it and it leaves no trace.
        if fields.isFull, !isIndexed { return true }
        let scratch = scratch
        return scratch.withUnsafeBytes { scratch in
            let line = UnsafeRawBufferPointer(rebasing: scratch[0..<scratchCount])
            let facts = FieldNameFacts(line: line, nameCount: nameCount)
            if isIndexed { table.insert(line, nameCount: nameCount, facts: facts) }
            fields.add(line, nameCount: nameCount, facts: facts)
            return true
        }
    }

    /// A text (RFC 7541 section 5.2) behind what is in the scratch.
    private mutating func appendText(of block: UnsafeRawBufferPointer, _ index: inout Int) -> Bool {
        guard index < block.count else { return false }
        let isCoded = block[index] & 0x80 != 0
        guard let count = HPACKInteger.read(block, &index, prefix: 7), count <= block.count - index else { return false }
        let text = UnsafeRawBufferPointer(rebasing: block[index..<index + count])
        index += count
        guard isCoded else {
            append(text)
            return true
        }
        reserve(HuffmanCode.decodedLimit(count))
        let start = scratchCount
        let written = scratch.withUnsafeMutableBytes { huffman.decode(text, into: UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
        guard let written else { return false }
        scratchCount += written
        return true
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        let start = scratchCount
        scratch.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: bytes) }
        scratchCount += bytes.count
    }

    private mutating func append(_ first: UInt8, _ second: UInt8) {
        reserve(2)
        scratch[scratchCount] = first
        scratch[scratchCount + 1] = second
        scratchCount += 2
    }

    private mutating func reserve(_ more: Int) {
        let needed = scratchCount + more
        guard needed > scratch.count else { return }
        scratch.append(contentsOf: repeatElement(0, count: max(needed - scratch.count, max(256, scratch.count))))
    }
}
