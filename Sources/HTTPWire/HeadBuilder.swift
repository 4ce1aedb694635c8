/// Writes heads into one reusable buffer. Whatever comes from outside is checked: no value can end its line, so that nothing can be
/// injected into a head. A method that refuses returns false and writes nothing.
public struct HeadBuilder: Sendable {
    /// What has been written since the last `reset`.
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Starts anew and keeps the capacity.
    public mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Starts anew and gives the memory back.
    public mutating func releaseStorage() {
        bytes = []
    }

    /// `method target HTTP/1.1`. False unless the method is a token and the target is visible ASCII without `#`.
    public mutating func requestLine(method: ByteView, target: ByteView) -> Bool {
        guard Self.isToken(method), Self.isTarget(target) else { return false }
        append(method)
        append(" ")
        append(target)
        append(" HTTP/1.1\r\n")
        return true
    }

    /// `method target HTTP/1.1` with a target made of two parts, the second behind `?`.
    public mutating func requestLine(method: ByteView, path: ByteView, query: ByteView?) -> Bool {
        guard Self.isToken(method), Self.isTarget(path), query.map({ $0.isEmpty || Self.isTarget($0) }) ?? true else { return false }
        append(method)
        append(" ")
        append(path)
        if let query {
            append("?")
            append(query)
        }
        append(" HTTP/1.1\r\n")
        return true
    }

    /// `HTTP/1.1 status reason`. False unless the status has three digits and the reason could be a field value.
    public mutating func statusLine(_ status: Int, reason: ByteView) -> Bool {
        guard (100...999).contains(status), Self.isValue(reason) else { return false }
        append("HTTP/1.1 ")
        append(decimal: UInt64(status))
        append(" ")
        append(reason)
        append("\r\n")
        return true
    }

    /// `HTTP/1.1 status` with the registered reason phrase, or none. False unless the status has three digits.
    public mutating func statusLine(_ status: Int) -> Bool {
        guard (100...999).contains(status) else { return false }
        append("HTTP/1.1 ")
        append(decimal: UInt64(status))
        append(" ")
        append(ReasonPhrase.of(status))
        append("\r\n")
        return true
    }

    /// A field whose name and value are written in the program.
    public mutating func field(_ name: StaticString, constant value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// A field with a number.
    public mutating func field(_ name: StaticString, integer value: UInt64) {
        append(name)
        append(": ")
        append(decimal: value)
        append("\r\n")
    }

    /// False when the value contains a control character.
    public mutating func field(_ name: StaticString, _ value: ByteView) -> Bool {
        guard Self.isValue(value) else { return false }
        append(name)
        append(": ")
        append(value)
        append("\r\n")
        return true
    }

    /// False when the value contains a control character.
    public mutating func field(_ name: StaticString, _ value: [UInt8]) -> Bool { field(name, ByteView(value)) }

    /// False when the value contains a control character.
    public mutating func field(_ name: StaticString, _ value: String) -> Bool {
        guard Self.isValue(value) else { return false }
        append(name)
        append(": ")
        append(string: value)
        append("\r\n")
        return true
    }

    /// False when the name is no token or the value contains a control character.
    public mutating func field(named name: ByteView, _ value: ByteView) -> Bool {
        guard Self.isToken(name), Self.isValue(value) else { return false }
        append(name)
        append(": ")
        append(value)
        append("\r\n")
        return true
    }

    /// False when the name is no token or the value contains a control character.
    public mutating func field(named name: String, _ value: String) -> Bool {
        guard !name.isEmpty, name.utf8.allSatisfy(ByteClass.isToken), Self.isValue(value) else { return false }
        append(string: name)
        append(": ")
        append(string: value)
        append("\r\n")
        return true
    }

    /// The field that frames the content: Content-Length, Transfer-Encoding, or nothing.
    public mutating func framing(_ framing: BodyFraming) {
        switch framing {
        case .none, .untilClose: break
        case .length(let length): field("Content-Length", integer: length)
        case .chunked: field("Transfer-Encoding", constant: "chunked")
        }
    }

    /// Copies the fields that `filter` lets pass. Neighbours that are written the usual way are copied in one piece.
    public mutating func copyFields(from head: RequestHead, except filter: FieldFilter) {
        copyFields(of: head.section, hasNominatedFields: head.hasNominatedFields) {
            filter.drops($0, of: head.section, hasNominatedFields: head.hasNominatedFields)
        }
    }

    /// Copies the fields that `filter` lets pass. Neighbours that are written the usual way are copied in one piece.
    public mutating func copyFields(from head: ResponseHead, except filter: FieldFilter) {
        copyFields(of: head.section, hasNominatedFields: head.hasNominatedFields) {
            filter.drops($0, of: head.section, hasNominatedFields: head.hasNominatedFields)
        }
    }

    /// Copies the fields of a trailer section that `filter` lets pass.
    public mutating func copyFields(from trailers: FieldSection, except filter: FieldFilter) {
        copyFields(of: trailers, hasNominatedFields: false) { filter.drops($0, of: trailers, hasNominatedFields: false) }
    }

    private mutating func copyFields(of section: FieldSection, hasNominatedFields: Bool, dropping drops: (HeadField) -> Bool) {
        section.bytes.withUnsafeBytes { source in
            var run = 0..<0
            for field in section.fields where !drops(field) {
                let start = Int(field.name.lower)
                if field.isCanonical, start == run.upperBound, !run.isEmpty {
                    run = run.lowerBound..<field.lineEnd
                    continue
                }
                bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[run]))
                run = 0..<0
                if field.isCanonical {
                    run = start..<field.lineEnd
                } else {
                    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[field.name.range]))
                    append(": ")
                    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[field.value.range]))
                    append("\r\n")
                }
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[run]))
        }
    }

    /// Appends fields that were serialised by a builder before.
    public mutating func append(lines: [UInt8]) {
        if !lines.isEmpty { bytes.append(contentsOf: lines) }
    }

    /// The empty line behind the last field.
    public mutating func end() {
        append("\r\n")
    }
}

extension HeadBuilder {
    /// Appends bytes that the caller has checked.
    mutating func append(_ view: ByteView) {
        view.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ raw: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: raw)
    }

    private mutating func append(string text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(decimal value: UInt64) {
        DecimalDigits.append(value, to: &bytes)
    }

    private static func isToken(_ view: ByteView) -> Bool { !view.isEmpty && view.allSatisfy(ByteClass.isToken) }

    private static func isTarget(_ view: ByteView) -> Bool { !view.isEmpty && view.allSatisfy { ByteClass.isVisible($0) && $0 != 0x23 } }

    private static func isValue(_ view: ByteView) -> Bool { view.withUnsafeBytes(ByteClass.isFieldValue) }

    private static func isValue(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { ByteClass.isFieldValue(UnsafeRawBufferPointer($0)) }
            ?? text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == ByteClass.tab }
    }
}

/// Decimal digits without a string in between.
enum DecimalDigits {
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        var rest = value
        while divisor > 0 {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }
}
