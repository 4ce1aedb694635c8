import HTTPWire
import NIOHPACK

/// Serialised `Name: value\r\n` lines, as the rest of the data plane writes them, turned into the field list of HTTP/2.
enum FieldLines {
    /// Adds the fields of `lines` but for those that speak about a connection. The lines were written by a `HeadBuilder`, which lets nothing
    /// through that could end a line.
    static func append(_ lines: [UInt8], to headers: inout HPACKHeaders, except excluded: String? = nil) {
        var start = lines.startIndex
        while start < lines.endIndex {
            guard let lineFeed = lines[start...].firstIndex(of: UInt8(ascii: "\n")) else { return }
            let line = lines[start..<(lineFeed > start ? lineFeed - 1 : lineFeed)]
            start = lineFeed + 1
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            var name = String(decoding: line[..<colon].lazy.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
            let treatment = name.withUTF8 { FieldTreatment(of: UnsafeRawBufferPointer($0)) }
            if treatment == .dropped || name == excluded { continue }
            var value = line[(colon + 1)...]
            while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
            headers.add(name: name, value: String(decoding: value, as: UTF8.self), indexing: treatment == .secret ? .neverIndexed : .indexable)
        }
    }
}
