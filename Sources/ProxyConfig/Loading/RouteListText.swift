import Diagnostics
import PolicyLanguage

/// The text of a configuration, cut into the items of its list of routes and the rest, so that one item can be read without the others.
///
/// There is one only for the plain form: the key of the list at the beginning of a line, every item on lines of its own behind a dash at one
/// indentation. Cutting looks at lines, not at YAML. Where it cuts through something, such as a text in quotes, what it cuts off is no YAML by
/// itself; so a cut is believed only for parts that were read alone, or that say what they said in a text that was read as a whole.
struct RouteListText: Sendable {
    /// Where a line begins.
    struct Line: Sendable, Equatable {
        /// Of its first byte.
        var offset: Int
        /// 1-based.
        var line: Int
    }

    let text: String
    let key: String
    private let keyLine: Int
    /// The first line of each; there is at least one.
    let items: [Line]
    /// Where the list ends.
    private let end: Line

    /// Cuts a text that nobody has read yet.
    init?(_ text: String, key: String) {
        var copy = text
        guard let cut = copy.withUTF8({ RouteListCutter.cut(UnsafeRawBufferPointer($0), key: Array(key.utf8)) }) else { return nil }
        self.text = text
        self.key = key
        (keyLine, items, end) = (cut.keyLine, cut.items, cut.end)
    }

    /// Cuts a text that was read as `document`; nil unless both agree on where items begin and where the list ends.
    init?(_ text: String, key: String, writtenAs document: PositionedValue) {
        self.init(text, key: key)
        guard let entries = document.mapping, let index = entries.firstIndex(where: { $0.key == key }), let elements = entries[index].value.sequence,
            entries.allSatisfy({ $0.keyPosition.column == 1 }), elements.map(\.position.line) == items.map(\.line),
            end.line == (entries.indices.contains(index + 1) ? entries[index + 1].keyPosition.line : .max) || end.offset == text.utf8.count,
            !entries.indices.contains(index + 1) || end.offset < text.utf8.count, isPlain(0..<text.utf8.count)
        else { return nil }
    }

    func keyPosition(_ file: String) -> SourcePosition { SourcePosition(file: file, line: keyLine, column: 1) }

    private func range(of item: Int) -> Range<Int> {
        items[item].offset..<(item + 1 < items.count ? items[item + 1].offset : end.offset)
    }

    // MARK: Reading parts

    /// One item as a value; nil unless the item is YAML by itself.
    func element(_ item: Int, file: String) -> PositionedValue? {
        let range = range(of: item)
        guard isPlain(range), let value = parsed([range], file), let elements = value.sequence, elements.count == 1 else { return nil }
        return elements[0].moved(byLines: items[item].line - 1, in: file)
    }

    /// The document without its routes; nil unless it is YAML by itself and has the key, without a value, where the list should be.
    func documentWithoutRoutes(file: String) -> PositionedValue? {
        let (head, tail) = (0..<items[0].offset, end.offset..<text.utf8.count)
        guard isPlain(head), isPlain(tail), let document = parsed([head, tail], file), let entries = document.mapping,
            entries.allSatisfy({ $0.keyPosition.column == 1 }),
            entries.contains(where: { $0.key == key && $0.keyPosition.line == keyLine && $0.value.isNull })
        else { return nil }
        let lines = end.line - items[0].line
        return PositionedValue(
            .mapping(entries.map { $0.keyPosition.line < items[0].line ? $0 : $0.moved(byLines: lines, in: file) }), at: document.position)
    }

    private func parsed(_ ranges: [Range<Int>], _ file: String) -> PositionedValue? {
        var report = DiagnosticReport()
        var copy = text
        let part = copy.withUTF8 { bytes in ranges.map { String(decoding: bytes[$0], as: UTF8.self) }.joined() }
        let value = PositionedValue.parse(yaml: part, file: file, report: &report)
        return report.isEmpty ? value : nil
    }

    private func isPlain(_ range: Range<Int>) -> Bool {
        var copy = text
        return copy.withUTF8 {
            RouteListCutter.isPlain(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0)[range]), opensText: range.lowerBound == 0)
        }
    }

    // MARK: Comparing

    /// For each item the one of an earlier text that says the same word for word, among those that `isUsable` accepts.
    func itemsKnown(from earlier: RouteListText, where isUsable: (Int) -> Bool) -> [Int?] {
        var known = [Int?](repeating: nil, count: items.count)
        var (mine, theirs) = (text, earlier.text)
        mine.withUTF8 { mine in
            theirs.withUTF8 { theirs in
                let (mine, theirs) = (UnsafeRawBufferPointer(mine), UnsafeRawBufferPointer(theirs))
                func isSame(_ item: Int, _ other: Int) -> Bool {
                    RouteListCutter.areEqual(mine, range(of: item), theirs, earlier.range(of: other))
                }
                // A change is at one place, most often: what stands before and behind it is found without looking it up.
                let common = min(items.count, earlier.items.count)
                var head = 0
                while head < common, isSame(head, head) { head += 1 }
                var tail = 0
                while tail < common - head, isSame(items.count - 1 - tail, earlier.items.count - 1 - tail) { tail += 1 }
                for item in 0..<head where isUsable(item) { known[item] = item }
                for item in items.count - tail..<items.count {
                    let other = item + earlier.items.count - items.count
                    if isUsable(other) { known[item] = other }
                }
                let between = earlier.items.count - tail
                guard head < items.count - tail, head < between else { return }
                // Of two with one hash one is forgotten, and read again.
                var byHash: [Int: Int] = [:]
                for other in head..<between where isUsable(other) {
                    if other < items.count - tail, isSame(other, other) {
                        known[other] = other
                    } else {
                        byHash[RouteListCutter.hash(theirs, earlier.range(of: other))] = other
                    }
                }
                for item in head..<items.count - tail where known[item] == nil {
                    if let other = byHash[RouteListCutter.hash(mine, range(of: item))], isSame(item, other) { known[item] = other }
                }
            }
        }
        return known
    }
}
