/// The 61 fields that both sides know from the beginning (RFC 7541 appendix A), as lines like those of ``HPACKTable``.
struct HPACKStaticTable: Sendable {
    private static let fields: [(StaticString, StaticString)] = [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"),
        (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"),
        (":status", "404"), (":status", "500"), ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""),
        ("accept-ranges", ""), ("accept", ""), ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""),
        ("cache-control", ""), ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
        ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""),
        ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""), ("if-none-match", ""), ("if-range", ""),
        ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""),
        ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
        ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ]
    static let count = 61
    static let shared = HPACKStaticTable()

    private var bytes: [UInt8] = []
    private var entries: [HPACKTable.Entry] = []
    /// The first entry of every name, by a hash of the name; 0 where there is none.
    private var places = [UInt8](repeating: 0, count: 256)

    private init() {
        for (index, (name, value)) in Self.fields.enumerated() {
            let start = bytes.count
            name.withUTF8Buffer { bytes.append(contentsOf: $0) }
            bytes += [0x3A, 0x20]
            value.withUTF8Buffer { bytes.append(contentsOf: $0) }
            bytes += [0x0D, 0x0A]
            let nameCount = name.utf8CodeUnitCount
            let facts = bytes.withUnsafeBytes { FieldNameFacts(line: UnsafeRawBufferPointer(rebasing: $0[start...]), nameCount: nameCount) }
            entries.append(HPACKTable.Entry(start: start, lineCount: Int32(bytes.count - start), nameCount: Int32(nameCount), facts: facts))
            if index > 0, Self.fields[index - 1].0.description == name.description { continue }
            var place = Self.place(name)
            while places[place] != 0 { place = (place + 1) & 0xFF }
            places[place] = UInt8(index + 1)
        }
    }

    /// `index` is 1 to 61.
    func entry(_ index: Int) -> HPACKTable.Entry { entries[index - 1] }

    func withLine<Result>(_ entry: HPACKTable.Entry, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[entry.start..<entry.start + Int(entry.lineCount)])) }
    }

    /// The first entry with this name, which is in lower case; 0 where there is none.
    func index(of name: UnsafeRawBufferPointer) -> Int {
        var place = Self.place(name)
        while places[place] != 0 {
            let index = Int(places[place])
            let entry = entries[index - 1]
            let isSame = bytes.withUnsafeBytes { bytes in
                let known = UnsafeRawBufferPointer(rebasing: bytes[entry.start..<entry.start + Int(entry.nameCount)])
                return ByteClass.equals(name, known.bindMemory(to: UInt8.self))
            }
            if isSame { return index }
            place = (place + 1) & 0xFF
        }
        return 0
    }

    private static func place(_ name: UnsafeRawBufferPointer) -> Int {
        guard let first = name.first, let last = name.last else { return 0 }
        return (Int(first) &* 7 &+ Int(last) &* 31 &+ name.count &* 53) & 0xFF
    }

    private static func place(_ name: StaticString) -> Int {
        name.withUTF8Buffer { place(UnsafeRawBufferPointer($0)) }
    }
}
