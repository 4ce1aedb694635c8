import Diagnostics
import PolicyLanguage

/// Where the items of a list of routes stand in the text of a file, line by line, for reading one of them again without the others.
///
/// There is one only for the plain form, every item on lines of its own behind a dash at one indentation, in a text whose items say the same
/// alone as together: no anchors, one document, ordinary line ends.
struct RouteListLayout: Sendable, Equatable {
    /// An item's first line.
    struct Line: Sendable, Equatable {
        /// Of its first byte.
        var offset: Int
        /// 1-based.
        var number: Int
    }

    /// Blanks before the dashes.
    let indent: Int
    private(set) var items: [Line]
    /// Where the list ends.
    private(set) var end: Line

    init?(of key: String, in document: PositionedValue, text: [UInt8]) {
        guard let entries = document.mapping, let index = entries.firstIndex(where: { $0.key == key }),
            Self.isPlain(text.starts(with: "---\n".utf8) ? text.dropFirst(4) : text[...]),
            entries.allSatisfy({ $0.keyPosition.column == 1 }), let elements = entries[index].value.sequence, let first = elements.first
        else { return nil }
        let next = entries.indices.contains(index + 1) ? entries[index + 1].keyPosition.line : nil
        var wanted = elements.map(\.position.line)
        wanted.append(next ?? .max)
        guard let lines = Self.offsets(of: wanted, in: text), elements.count == lines.count - 1, let last = lines.last else { return nil }
        // What stands before the first element on its line: blanks, the dash, blanks.
        let before = text[lines[0].offset...].prefix(max(0, first.position.column - 1))
        guard let dash = before.firstIndex(of: UInt8(ascii: "-")) else { return nil }
        indent = dash - lines[0].offset
        items = Array(lines.dropLast())
        end = last
        for line in items where !Self.beginsItem(text[line.offset...], indent: indent) { return nil }
    }

    /// The items whose lines the change from `old` to `new` touches, with their neighbours; nil unless it is inside the list.
    func touched(from old: [UInt8], to new: [UInt8]) -> Change? {
        let common = min(old.count, new.count)
        var head = 0
        while head < common, old[head] == new[head] { head += 1 }
        var tail = 0
        while tail < common - head, old[old.count - 1 - tail] == new[new.count - 1 - tail] { tail += 1 }
        let (changeStart, changeEnd) = (head, old.count - tail)
        guard let first = items.first, changeStart >= first.offset, changeEnd <= end.offset else { return nil }
        let lower = max(0, index(ofItemAt: changeStart, end: false) - (items.contains { $0.offset == changeStart } ? 1 : 0))
        let upper = index(ofItemAt: changeEnd, end: true) + 1
        let start = items[lower]
        let oldEnd = upper < items.count ? items[upper] : end
        let chunk = new[start.offset..<oldEnd.offset + new.count - old.count]
        guard Self.isPlain(chunk), Self.beginsItem(chunk, indent: indent), chunk.last == UInt8(ascii: "\n") || oldEnd.offset == old.count else {
            return nil
        }
        let lines = { (bytes: ArraySlice<UInt8>) in bytes.count { $0 == UInt8(ascii: "\n") } }
        return Change(
            items: lower..<upper, start: start, text: chunk, byteShift: new.count - old.count,
            lineShift: lines(chunk) - lines(old[start.offset..<oldEnd.offset]))
    }

    struct Change {
        /// Items of the old text that are to be replaced.
        var items: Range<Int>
        var start: Line
        /// What is to be read in their place.
        var text: ArraySlice<UInt8>
        /// By how much everything behind it moves.
        var byteShift: Int
        var lineShift: Int
    }

    /// The layout after a change, whose text turned out to hold items at these lines.
    func applying(_ change: Change, itemsAt lines: [Int]) -> RouteListLayout? {
        let bytes = Array(change.text)
        guard let made = Self.offsets(of: lines.map { $0 - change.start.number + 1 }, in: bytes), made.count == lines.count,
            made.allSatisfy({ Self.beginsItem(bytes[$0.offset...], indent: indent) })
        else { return nil }
        var result = self
        let moved = made.map { Line(offset: $0.offset + change.start.offset, number: $0.number + change.start.number - 1) }
        let behind = items[change.items.upperBound...].map {
            Line(offset: $0.offset + change.byteShift, number: $0.number + change.lineShift)
        }
        result.items = items[..<change.items.lowerBound] + moved + behind
        result.end = Line(offset: end.offset + change.byteShift, number: end.number + change.lineShift)
        return result.items.isEmpty ? nil : result
    }

    /// The item that the byte belongs to; the end of a change belongs to the item before it.
    private func index(ofItemAt offset: Int, end: Bool) -> Int {
        let next = items.firstIndex { end ? $0.offset >= offset : $0.offset > offset } ?? items.count
        // The item at the end of the change is read again too: the change may have joined it to the one before.
        return end ? min(next, items.count - 1) : max(0, next - 1)
    }

    private static func beginsItem(_ line: ArraySlice<UInt8>, indent: Int) -> Bool {
        let head = line.prefix(indent + 2)
        return head.count == indent + 2 && head.prefix(indent).allSatisfy { $0 == 0x20 } && head[head.startIndex + indent] == UInt8(ascii: "-")
            && head.last == 0x20
    }

    /// Line breaks are `\n` alone, no line could begin or end a document, and nothing looks like an anchor.
    private static func isPlain(_ text: ArraySlice<UInt8>) -> Bool {
        text.withUnsafeBufferPointer { bytes in
            var previous = UInt8(ascii: "\n")
            for index in bytes.indices {
                let byte = bytes[index]
                switch byte {
                case UInt8(ascii: "&"):
                    let opens = previous <= 0x20 || previous == UInt8(ascii: "[") || previous == UInt8(ascii: "{") || previous == UInt8(ascii: ",")
                    if opens { return false }
                case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "%"):
                    if previous == UInt8(ascii: "\n"),
                        byte == UInt8(ascii: "%") || bytes.count > index + 2 && bytes[index + 1] == byte && bytes[index + 2] == byte
                    {
                        return false
                    }
                // Further line breaks of YAML, and a byte order mark.
                case UInt8(ascii: "\r"): return false
                case 0xC2: if bytes.count > index + 1, bytes[index + 1] == 0x85 { return false }
                case 0xE2: if bytes.count > index + 2, bytes[index + 1] == 0x80, bytes[index + 2] & 0xFE == 0xA8 { return false }
                case 0xEF: if bytes.count > index + 2, bytes[index + 1] == 0xBB, bytes[index + 2] == 0xBF { return false }
                default: break
                }
                previous = byte
            }
            return true
        }
    }

    /// Where lines begin; the numbers rise. `Int.max` stands for the end of the text.
    private static func offsets(of lines: [Int], in text: [UInt8]) -> [Line]? {
        var found: [Line] = []
        found.reserveCapacity(lines.count)
        var (number, offset, wanted) = (1, 0, 0)
        text.withUnsafeBufferPointer { bytes in
            while wanted < lines.count {
                if lines[wanted] == number {
                    found.append(Line(offset: offset, number: number))
                    wanted += 1
                    continue
                }
                guard lines[wanted] > number, let newline = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) else { break }
                (number, offset) = (number + 1, newline + 1)
            }
        }
        if wanted == lines.count - 1, lines.last == .max { found.append(Line(offset: text.count, number: number + (text.last == 10 ? 0 : 1))) }
        return found.count == lines.count ? found : nil
    }
}
