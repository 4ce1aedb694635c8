/// One cookie of a Cookie field, by offsets into the head.
public struct CookiePair: Sendable, Hashable {
    public let name: ByteRange
    /// Quotes included; empty when there is no `=`.
    public let value: ByteRange
    /// The pair as received, without the white space around it.
    public let whole: ByteRange
}

/// All cookies of a head in order (RFC 6265 section 4.2, read the way servers read them): several Cookie fields count as one, white
/// space around names and values does not count, a pair without `=` is a name without value. Iterating allocates nothing.
public struct CookieFields: Sequence, Sendable {
    let section: FieldSection

    public init(_ section: FieldSection) {
        self.section = section
    }

    public init(_ head: RequestHead) {
        self.section = head.section
    }

    public func makeIterator() -> Iterator { Iterator(section: section) }

    public func view(_ range: ByteRange) -> ByteView { section.view(range) }

    /// The value of the first cookie with exactly this name.
    public func first(named name: String) -> ByteView? {
        for cookie in self where section.view(cookie.name) == name { return section.view(cookie.value) }
        return nil
    }

    /// The values of all cookies with exactly this name, in order.
    public func values(named name: String) -> NamedValues { NamedValues(iterator: makeIterator(), name: name) }

    public struct Iterator: IteratorProtocol, Sendable {
        let section: FieldSection
        private var field = 0
        /// Where the next pair begins in the current field; nil before the field is entered.
        private var position: Int?

        init(section: FieldSection) {
            self.section = section
        }

        public mutating func next() -> CookiePair? {
            while field < section.fields.count {
                let current = section.fields[field]
                guard current.known == .cookie, position ?? 0 <= Int(current.value.upper) else {
                    field += 1
                    position = nil
                    continue
                }
                let start = position ?? Int(current.value.lower)
                let (end, pair) = section.bytes.withUnsafeBytes { Self.pair(from: start, to: Int(current.value.upper), of: $0) }
                position = end + 1
                if let pair { return pair }
            }
            return nil
        }

        /// The pair that begins at `start`, nil when there is only white space, and where it ends.
        private static func pair(from start: Int, to limit: Int, of source: UnsafeRawBufferPointer) -> (end: Int, pair: CookiePair?) {
            let end = ByteClass.first(0x3B, in: source, from: start, to: limit) ?? limit
            let equals = ByteClass.first(0x3D, in: source, from: start, to: end) ?? -1
            let whole = trimmed(start, end, of: source)
            guard !whole.isEmpty else { return (end, nil) }
            let name = equals < 0 ? whole : trimmed(Int(whole.lower), equals, of: source)
            let value = equals < 0 ? ByteRange(Int(whole.upper), Int(whole.upper)) : trimmed(equals + 1, Int(whole.upper), of: source)
            return (end, CookiePair(name: name, value: value, whole: whole))
        }

        private static func trimmed(_ lower: Int, _ upper: Int, of source: UnsafeRawBufferPointer) -> ByteRange {
            var start = lower
            var end = upper
            while start < end, ByteClass.isBlank(source[start]) { start &+= 1 }
            while end > start, ByteClass.isBlank(source[end - 1]) { end &-= 1 }
            return ByteRange(start, end)
        }
    }

    /// The values of the cookies with one name.
    public struct NamedValues: Sequence, IteratorProtocol, Sendable {
        var iterator: Iterator
        let name: String

        /// Where the cookies come from.
        public var section: FieldSection { iterator.section }

        public mutating func next() -> ByteView? {
            while let cookie = iterator.next() {
                guard cookie.name.count == name.utf8.count else { continue }
                if iterator.section.view(cookie.name) == name { return iterator.section.view(cookie.value) }
            }
            return nil
        }
    }
}

/// Names of cookies that are not passed on: some exactly, some by their first characters. Looking one up allocates nothing.
public struct CookieNames: Sendable {
    private struct Entry {
        let start: Int
        let count: Int
        let isPrefix: Bool
    }

    private var entries: [Entry] = []
    /// The names, one behind the other.
    private var bytes: [UInt8] = []

    public init(names: [String], prefixes: [String]) {
        for (name, isPrefix) in names.map({ ($0, false) }) + prefixes.map({ ($0, true) }) {
            entries.append(Entry(start: bytes.count, count: name.utf8.count, isPrefix: isPrefix))
            bytes += name.utf8
        }
    }

    public func contains(_ name: ByteView) -> Bool { name.withUnsafeBytes { contains($0) } }

    func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        bytes.withUnsafeBytes { bytes in
            for entry in entries where entry.isPrefix ? name.count >= entry.count : name.count == entry.count {
                let known = UnsafeRawBufferPointer(rebasing: bytes[entry.start..<entry.start + entry.count])
                if ByteClass.equals(UnsafeRawBufferPointer(rebasing: name[..<entry.count]), known.assumingMemoryBound(to: UInt8.self)) { return true }
            }
            return false
        }
    }
}

extension HeadBuilder {
    /// Writes the cookies of `head` except those in `names` as one Cookie field whose pairs keep their bytes; no field at all when none
    /// remains. The fields themselves must be dropped when the others are copied: give `cookie` to the `FieldFilter`.
    public mutating func cookies(from head: RequestHead, except names: CookieNames) {
        var isFirst = true
        head.section.bytes.withUnsafeBytes { source in
            for cookie in CookieFields(head.section) {
                if names.contains(UnsafeRawBufferPointer(rebasing: source[cookie.name.range])) { continue }
                append(isFirst ? "Cookie: " : "; ")
                append(UnsafeRawBufferPointer(rebasing: source[cookie.whole.range]))
                isFirst = false
            }
        }
        if !isFirst { append("\r\n") }
    }
}
