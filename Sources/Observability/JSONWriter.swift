public import HTTPWire

/// Writes one JSON document into a reusable byte buffer, without values or strings in between.
///
/// It trusts the caller to nest properly and takes care of commas and escapes: control characters, quotes, backslashes, and bytes that are not
/// UTF-8, which become U+FFFD, so that a line is always valid JSON whatever a client sent.
public struct JSONWriter: Sendable {
    /// Its count is the room that there is; the document is the first ``count`` bytes. So a member costs one check of the room and one copy.
    private var storage: [UInt8]
    /// The document's length in bytes.
    public private(set) var count = 0
    private var needsComma = false
    /// For callers that write a value themselves, see ``plain(_:)``.
    private var scratch: [UInt8] = []

    public init(reserving capacity: Int = 512) {
        storage = [UInt8](repeating: 0, count: capacity)
    }

    /// A copy of the document.
    public var bytes: [UInt8] { Array(storage[..<count]) }

    /// The document, valid for the duration of the call.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    /// Forgets the content and keeps the memory.
    public mutating func removeAll() {
        count = 0
        needsComma = false
    }

    public var string: String { String(decoding: storage[..<count], as: UTF8.self) }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A member's name; the next call writes its value.
    public mutating func key(_ name: StaticString) {
        name.withUTF8Buffer { quote(UnsafeRawBufferPointer($0), closing: 0x3A22, of: 2) }
        needsComma = false
    }

    /// A member's name that is not written in the program.
    public mutating func key(named name: String) {
        string(name)
        byte(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ text: String) {
        // Nearly all strings are contiguous; a bridged one is made so.
        if text.utf8.withContiguousStorageIfAvailable({ escaped(UnsafeRawBufferPointer($0)) }) == nil {
            escaped(Array(text.utf8))
        }
    }

    public mutating func string(_ text: ByteView) {
        text.withUnsafeBytes { escaped($0) }
    }

    /// Text of this source: nothing in it needs an escape.
    public mutating func string(_ text: StaticString) {
        text.withUTF8Buffer { quote(UnsafeRawBufferPointer($0)) }
    }

    /// Text that `append` writes itself, without anything in it that needs an escape.
    public mutating func plain(_ append: (inout [UInt8]) -> Void) {
        scratch.removeAll(keepingCapacity: true)
        append(&scratch)
        scratch.withUnsafeBytes { quote($0) }
    }

    /// As ``plain(_:)`` for text that is there already.
    public mutating func plain(_ text: [UInt8]) {
        text.withUnsafeBytes { quote($0) }
    }

    /// A time as RFC 3339 text.
    public mutating func time(_ nanoseconds: Int64, _ timestamp: inout Timestamp) {
        timestamp.withText(nanoseconds: nanoseconds) { quote($0) }
    }

    public mutating func int(_ value: Int64) {
        comma()
        appendDecimal(value)
        needsComma = true
    }

    public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
    public mutating func null() { literal("null") }

    /// A number with three decimals from thousandths, for example microseconds as milliseconds.
    public mutating func thousandths(_ value: Int64) {
        comma()
        let magnitude = value.magnitude
        if value < 0 { byte(UInt8(ascii: "-")) }
        appendDecimal(Int64(magnitude / 1000))
        let rest = magnitude % 1000
        byte(UInt8(ascii: "."))
        byte(UInt8(ascii: "0") + UInt8(rest / 100))
        byte(UInt8(ascii: "0") + UInt8(rest / 10 % 10))
        byte(UInt8(ascii: "0") + UInt8(rest % 10))
        needsComma = true
    }

    /// Bytes that are a JSON value already.
    public mutating func raw(_ json: [UInt8]) {
        comma()
        json.withUnsafeBytes { append($0) }
        needsComma = true
    }

    /// A line end between documents.
    public mutating func newline() {
        byte(UInt8(ascii: "\n"))
        needsComma = false
    }

    private mutating func literal(_ text: StaticString) {
        comma()
        text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        comma()
        byte(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        byte(bracket)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { byte(UInt8(ascii: ",")) }
    }

    private mutating func appendDecimal(_ value: Int64) {
        var magnitude = value.magnitude
        if value < 0 { byte(UInt8(ascii: "-")) }
        // On the stack: every line has several numbers.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(magnitude % 10)
                magnitude /= 10
            } while magnitude > 0
            append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[start...]))
        }
    }

    // MARK: Escapes

    private mutating func escaped(_ text: UnsafeRawBufferPointer) {
        if Self.isPlain(text) { return quote(text) }
        escaped(Array(text))
    }

    private mutating func escaped(_ text: [UInt8]) {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.count + 16)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x22: escaped += [0x5C, 0x22]
            case 0x5C: escaped += [0x5C, 0x5C]
            case 0x0A: escaped += [0x5C, UInt8(ascii: "n")]
            case 0x0D: escaped += [0x5C, UInt8(ascii: "r")]
            case 0x09: escaped += [0x5C, UInt8(ascii: "t")]
            case 0..<0x20, 0x7F, 0x2028, 0x2029: Self.appendUnicodeEscape(scalar.value, to: &escaped)
            default: escaped.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        escaped.withUnsafeBytes { quote($0) }
    }

    private static func appendUnicodeEscape(_ value: UInt32, to bytes: inout [UInt8]) {
        bytes += [0x5C, UInt8(ascii: "u")]
        for shift in stride(from: UInt32(12), through: 0, by: -4) {
            let digit = UInt8(value >> shift & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// Visible ASCII and spaces without quotes and backslashes, eight bytes at a time.
    private static func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index &+ 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // A byte of each term has its top bit set where the byte of `word` is below 0x20, 0x7F, a quote, or a backslash. Carries
            // between bytes can only set a bit too many next to one that is set rightly.
            let control = word &- 0x2020_2020_2020_2020
            let suspicious =
                control | zeroes(word ^ 0x7F7F_7F7F_7F7F_7F7F) | zeroes(word ^ 0x2222_2222_2222_2222) | zeroes(word ^ 0x5C5C_5C5C_5C5C_5C5C) | word
            guard suspicious & 0x8080_8080_8080_8080 == 0 else { return false }
            index &+= 8
        }
        while index < text.count {
            let byte = text[index]
            guard byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C else { return false }
            index &+= 1
        }
        return true
    }

    @inline(__always)
    private static func zeroes(_ word: UInt64) -> UInt64 { (word &- 0x0101_0101_0101_0101) & ~word }

    // MARK: Bytes

    /// `text` in quotes, behind a comma where one is due.
    private mutating func quote(_ text: UnsafeRawBufferPointer) {
        quote(text, closing: 0x22, of: 1)
        needsComma = true
    }

    /// As above; `closing` are the bytes behind the text, the first one lowest.
    private mutating func quote(_ text: UnsafeRawBufferPointer, closing: UInt16, of closingCount: Int) {
        makeRoom(for: text.count &+ 4)
        let (start, comma) = (count, needsComma)
        count = storage.withUnsafeMutableBytes { Self.quote(text, after: comma, closing, closingCount, into: $0, at: start) }
    }

    /// `room` has place for the text and four bytes more behind `start`. The answer is where the next byte goes.
    private static func quote(
        _ text: UnsafeRawBufferPointer, after comma: Bool, _ closing: UInt16, _ closingCount: Int, into room: UnsafeMutableRawBufferPointer,
        at start: Int
    ) -> Int {
        guard let base = room.baseAddress else { return start }
        var next = base + start
        // The quote alone, or behind a comma; a byte too many is written over.
        next.storeBytes(of: comma ? 0x222C : 0x22, as: UInt16.self)
        next += comma ? 2 : 1
        if let bytes = text.baseAddress { next.copyMemory(from: bytes, byteCount: text.count) }
        next += text.count
        next.storeBytes(of: UInt8(truncatingIfNeeded: closing), as: UInt8.self)
        if closingCount == 2 { next.storeBytes(of: UInt8(truncatingIfNeeded: closing >> 8), toByteOffset: 1, as: UInt8.self) }
        return next + closingCount - base
    }

    private mutating func append(_ text: UnsafeRawBufferPointer) {
        guard let bytes = text.baseAddress else { return }
        makeRoom(for: text.count)
        let start = count
        storage.withUnsafeMutableBytes { room in
            if let base = room.baseAddress { (base + start).copyMemory(from: bytes, byteCount: text.count) }
        }
        count &+= text.count
    }

    private mutating func byte(_ byte: UInt8) {
        makeRoom(for: 1)
        storage[count] = byte
        count &+= 1
    }

    @inline(__always)
    private mutating func makeRoom(for more: Int) {
        if storage.count &- count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        storage.append(contentsOf: repeatElement(0, count: max(more, storage.count)))
    }
}
