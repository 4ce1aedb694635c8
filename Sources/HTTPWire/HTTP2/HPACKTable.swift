/// A table of fields, oldest ones first to go (RFC 7541 section 2.3.2 and 4). Every field is kept as the line that it is in HTTP/1.1, `name: value` CRLF.
///
/// The lines stand one behind the other in one buffer of at most twice the table's size; neither adding nor evicting moves them, but for once in a while.
struct HPACKTable: Sendable {
    struct Entry: Sendable {
        /// Counted from the first byte that ever was in the table.
        var start: Int
        var lineCount: Int32
        var nameCount: Int32
        var facts: FieldNameFacts
    }

    /// What RFC 7541 section 4.1 adds for every entry.
    static let overhead = 32

    private var bytes: [UInt8] = []
    /// Where the first byte of `bytes` is, counted as `start`.
    private var base = 0
    /// A ring.
    private var entries: [Entry] = []
    private var newest = 0
    private(set) var count = 0
    private(set) var size = 0
    private(set) var maxSize: Int
    /// Entries ever added.
    private(set) var insertions = 0

    init(maxSize: Int) {
        self.maxSize = maxSize
    }

    /// The entry that was added `index` additions before the last one.
    func entry(_ index: Int) -> Entry? {
        guard index >= 0, index < count else { return nil }
        return entries[(newest - index) & (entries.count - 1)]
    }

    func withLine<Result>(_ entry: Entry, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = entry.start - base
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<start + Int(entry.lineCount)])) }
    }

    mutating func resize(_ limit: Int) {
        maxSize = limit
        evict(to: limit)
    }

    /// An entry that does not fit empties the table, which is no error (RFC 7541 section 4.4).
    mutating func insert(_ line: UnsafeRawBufferPointer, nameCount: Int, facts: FieldNameFacts) {
        let needed = line.count - 4 + Self.overhead
        guard needed <= maxSize else { return evict(to: 0) }
        evict(to: maxSize - needed)
        makeRoom(for: line.count)
        if count == entries.count { grow(facts) }
        newest = (newest + 1) & (entries.count - 1)
        entries[newest] = Entry(start: base + bytes.count, lineCount: Int32(line.count), nameCount: Int32(nameCount), facts: facts)
        bytes.append(contentsOf: line)
        count += 1
        size += needed
        insertions &+= 1
    }

    private mutating func evict(to limit: Int) {
        while size > limit, let oldest = entry(count - 1) {
            size -= Int(oldest.lineCount) - 4 + Self.overhead
            count -= 1
        }
        if count == 0 {
            base += bytes.count
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// Throws away the lines of evicted entries where the buffer would grow beyond its limit.
    private mutating func makeRoom(for more: Int) {
        guard bytes.count + more > 2 * maxSize, let oldest = entry(count - 1) else { return }
        let gone = oldest.start - base
        bytes.removeSubrange(0..<gone)
        base += gone
    }

    private mutating func grow(_ filler: FieldNameFacts) {
        let larger = max(16, entries.count * 2)
        var ring: [Entry] = []
        ring.reserveCapacity(larger)
        for index in (0..<count).reversed() { if let entry = entry(index) { ring.append(entry) } }
        newest = count - 1
        while ring.count < larger { ring.append(Entry(start: 0, lineCount: 0, nameCount: 0, facts: filler)) }
        entries = ring
    }
}
