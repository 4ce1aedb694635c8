/// Turns the field lists of HTTP/2 into the text of HTTP/1.1 that the rest of the proxy reads, so that there is one set of rules for names,
/// values, hosts and lengths, and one place that applies them. What HTTP/1.1 could read differently than HTTP/2 meant it is refused here.
struct FieldListText: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// A field line. Names are lower case and tokens (RFC 9113 section 8.2.1), values cannot end their line.
    mutating func append(name: String, value: String, limit: Int) throws(WireError) {
        guard !name.isEmpty else { throw .emptyFieldName }
        guard name.utf8.allSatisfy({ ByteClass.isToken($0) && !($0 &- 0x41 < 26) }) else { throw .invalidFieldName }
        guard Self.isValue(value) else { throw .invalidFieldValue }
        guard bytes.count + name.utf8.count + value.utf8.count + 4 <= limit else { throw .headTooLarge }
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    static func isValue(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { ByteClass.isFieldValue(UnsafeRawBufferPointer($0)) }
            ?? text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == ByteClass.tab }
    }

    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(ByteClass.isToken) }

    /// Fields that speak about a connection; HTTP/2 has none of them (RFC 9113 section 8.2.2).
    static func isConnectionSpecific(_ name: String) -> Bool {
        switch name {
        case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": true
        default: false
        }
    }
}

extension FieldSection {
    /// The trailers of a stream. The names of framing and routing have no place there (RFC 9110 section 6.5.1).
    public static func trailers(_ list: some Sequence<(name: String, value: String)>, limits: HTTPLimits) throws(WireError) -> FieldSection {
        var text = FieldListText()
        for (name, value) in list {
            if FieldListText.isConnectionSpecific(name) || name == "content-length" || name == "host" || name.hasPrefix(":") {
                throw .forbiddenTrailer
            }
            try text.append(name: name, value: value, limit: limits.maxTrailerBytes)
        }
        text.append("\r\n")
        var section = FieldSection()
        section.bytes = text.bytes
        let bytes = section.bytes
        let failure = bytes.withUnsafeBytes { source -> WireError? in
            while true {
                switch section.nextLine(in: source) {
                case .incomplete: return nil
                case .failed(let error): return error
                case .complete(let line):
                    if line.isEmpty { return nil }
                    if let error = section.appendField(line, of: source, limit: limits.maxFields) { return error }
                }
            }
        }
        if let failure { throw failure }
        return section
    }
}
