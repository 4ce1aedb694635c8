import Foundation

/// Looks at the bytes of a configuration for ``RouteListText``.
enum RouteListCutter {
    private static let newline = UInt8(ascii: "\n")

    /// Nil where the text is not written in the plain form.
    static func cut(
        _ bytes: UnsafeRawBufferPointer, key: [UInt8]
    ) -> (keyLine: Int, items: [RouteListText.Line], end: RouteListText.Line)? {
        var lines = Lines(bytes)
        let opening = key + [UInt8(ascii: ":")]
        var keyLine: Int?
        while keyLine == nil, let line = lines.next() {
            if bytes[line.range].starts(with: opening) { keyLine = line.number }
        }
        guard let keyLine, let (first, indent) = firstItem(&lines) else { return nil }
        var items = [first]
        while let line = lines.next() {
            let here = RouteListText.Line(offset: line.range.lowerBound, line: line.number)
            if beginsItem(bytes, line.range, indent: indent) {
                items.append(here)
            } else if ![0x20, newline, UInt8(ascii: "#")].contains(bytes[line.range.lowerBound]) {
                return (keyLine, items, here)
            }
        }
        return (keyLine, items, RouteListText.Line(offset: bytes.count, line: lines.number + 1))
    }

    /// The first line that is neither blank nor a comment, if it begins an item.
    private static func firstItem(_ lines: inout Lines) -> (RouteListText.Line, indent: Int)? {
        while let line = lines.next() {
            guard let start = line.range.first(where: { lines.bytes[$0] != 0x20 }), ![newline, UInt8(ascii: "#")].contains(lines.bytes[start]) else {
                continue
            }
            let indent = start - line.range.lowerBound
            guard beginsItem(lines.bytes, line.range, indent: indent) else { return nil }
            return (RouteListText.Line(offset: line.range.lowerBound, line: line.number), indent)
        }
        return nil
    }

    private static func beginsItem(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, indent: Int) -> Bool {
        let dash = line.lowerBound + indent
        guard dash + 1 < line.upperBound, bytes[dash] == UInt8(ascii: "-"), bytes[dash + 1] == 0x20 else { return false }
        return bytes[line.lowerBound..<dash].allSatisfy { $0 == 0x20 }
    }

    private struct Lines {
        let bytes: UnsafeRawBufferPointer
        private var offset = 0
        /// Of the line that was given last.
        private(set) var number = 0

        init(_ bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
        }

        /// The next line with its line break.
        mutating func next() -> (range: Range<Int>, number: Int)? {
            guard offset < bytes.count, let base = bytes.baseAddress else { return nil }
            let found = memchr(base + offset, Int32(newline), bytes.count - offset)
            let end = found.map { base.distance(to: UnsafeRawPointer($0)) + 1 } ?? bytes.count
            defer { offset = end }
            number += 1
            return (offset..<end, number)
        }

        private var newline: UInt8 { RouteListCutter.newline }
    }

    /// Line breaks are `\n` alone, no line could begin or end a document but a first one, and nothing looks like an anchor: then parts say the same
    /// alone as together.
    static func isPlain(_ bytes: UnsafeRawBufferPointer, opensText: Bool) -> Bool {
        var previous = newline
        for index in bytes.indices.dropFirst(opensText && bytes.starts(with: "---\n".utf8) ? 4 : 0) {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "&"):
                let opens = previous <= 0x20 || previous == UInt8(ascii: "[") || previous == UInt8(ascii: "{") || previous == UInt8(ascii: ",")
                if opens { return false }
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "%"):
                if previous == newline,
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

    static func areEqual(_ left: UnsafeRawBufferPointer, _ range: Range<Int>, _ right: UnsafeRawBufferPointer, _ other: Range<Int>) -> Bool {
        guard range.count == other.count, let left = left.baseAddress, let right = right.baseAddress else { return false }
        return memcmp(left + range.lowerBound, right + other.lowerBound, range.count) == 0
    }

    static func hash(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[range]))
        return hasher.finalize()
    }
}
