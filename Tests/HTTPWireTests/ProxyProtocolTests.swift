import HTTPWire
import Testing

@Suite struct ProxyProtocolTests {
    private static let v2Signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let v4Addresses: [UInt8] = [203, 0, 113, 7, 192, 0, 2, 1, 0xDC, 0x04, 0x01, 0xBB]

    private func parse(_ text: String) -> ProxyProtocolHeader.Outcome { ProxyProtocolHeader.parse(Array(text.utf8)) }

    private func source(_ outcome: ProxyProtocolHeader.Outcome) -> ProxyProtocolHeader.Endpoint? {
        if case .header(let header, _) = outcome { header.source } else { nil }
    }

    private static func binary(_ kind: [UInt8], _ rest: [UInt8]) -> [UInt8] {
        v2Signature + kind + [UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    @Test func readsALineForIPv4() {
        let line = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n"
        let header = ProxyProtocolHeader(
            source: .init(address: [203, 0, 113, 7], port: 56324), destination: .init(address: [192, 0, 2, 1], port: 443))
        #expect(parse(line + "GET / HTTP/1.1\r\n") == .header(header, length: line.utf8.count))
        for count in 0..<line.utf8.count { #expect(ProxyProtocolHeader.parse(Array(line.utf8.prefix(count))) == .needMore) }
    }

    @Test(
        arguments: [
            ("2001:db8::7", [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]), ("::", [UInt8](repeating: 0, count: 16)),
            ("::ffff:10.0.0.1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1]),
            ("1:2:3:4:5:6:7::", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]),
        ] as [(String, [UInt8])])
    func readsALineForIPv6(text: String, bytes: [UInt8]) {
        #expect(source(parse("PROXY TCP6 \(text) ::1 1 2\r\n")) == .init(address: bytes, port: 1))
    }

    @Test(arguments: ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 what ever 1\r\n"])
    func knowsNoClientWhereTheSenderKnowsNone(line: String) {
        #expect(parse(line) == .header(ProxyProtocolHeader(source: nil, destination: nil), length: line.utf8.count))
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n", .missing), ("PROXYTCP4", .missing), ("proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n", .missing),
            ("PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n", .unsupported), ("PROXY TCP4\r\n", .malformed),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n", .malformed), ("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n", .malformed),
            ("PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n", .malformed), ("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", .malformed),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n", .malformed), ("PROXY TCP4 1.2.3.04 1.2.3.4 1 1\r\n", .malformed),
            ("PROXY TCP4 1.2.3.256 1.2.3.4 1 1\r\n", .malformed), ("PROXY TCP4 ::1 ::1 1 1\r\n", .malformed),
            ("PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n", .malformed), ("PROXY TCP6 1::2::3 ::1 1 1\r\n", .malformed),
            ("PROXY TCP6 :::1 ::1 1 1\r\n", .malformed), ("PROXY TCP6 1:2:3:4:5:6:7:8:: ::1 1 1\r\n", .malformed),
            ("PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n", .malformed),
            ("PROXY UNKNOWN " + String(repeating: "x", count: 100) + "\r\n", .tooLong),
        ] as [(String, ProxyProtocolError)])
    func refusesEverythingElse(line: String, error: ProxyProtocolError) {
        #expect(parse(line) == .failed(error))
    }

    @Test func takesALineOfTheLongestLength() {
        let line = "PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n"
        #expect(line.utf8.count == ProxyProtocolHeader.maxTextBytes)
        #expect(parse(line) == .header(ProxyProtocolHeader(source: nil, destination: nil), length: 107))
    }

    @Test func readsABinaryHeader() {
        let bytes = Self.binary([0x21, 0x11], Self.v4Addresses + [0x04, 0, 2, 9, 9])
        #expect(source(ProxyProtocolHeader.parse(bytes + [0x16])) == .init(address: [203, 0, 113, 7], port: 56324))
        for count in 0..<bytes.count { #expect(ProxyProtocolHeader.parse(Array(bytes.prefix(count))) == .needMore) }
    }

    @Test(arguments: [
        ([0x20, 0x00], []), ([0x20, 0x11], v4Addresses), ([0x21, 0x00], [1, 2]), ([0x21, 0x31], [UInt8](repeating: 7, count: 216)),
    ])
    func takesTheConnectionItselfForALocalOne(kind: [UInt8], rest: [UInt8]) {
        let bytes = Self.binary(kind, rest)
        #expect(ProxyProtocolHeader.parse(bytes) == .header(ProxyProtocolHeader(source: nil, destination: nil), length: bytes.count))
    }

    @Test(
        arguments: [
            ([0x11, 0x11], v4Addresses, .unsupported), ([0x22, 0x11], v4Addresses, .unsupported), ([0x21, 0x12], v4Addresses, .unsupported),
            ([0x21, 0x21], v4Addresses, .malformed), ([0x21, 0x11], v4Addresses + [4, 0], .malformed),
            ([0x21, 0x11], v4Addresses + [4, 0, 5, 0], .malformed), ([0x21, 0x11], v4Addresses + [3, 0, 4, 0, 0, 0, 0], .checksum),
            ([0x21, 0x11], [UInt8](repeating: 0, count: 5000), .tooLong),
        ] as [([UInt8], [UInt8], ProxyProtocolError)])
    func refusesABinaryHeader(kind: [UInt8], rest: [UInt8], error: ProxyProtocolError) {
        #expect(ProxyProtocolHeader.parse(Self.binary(kind, rest)) == .failed(error))
    }

    /// The checksum was computed by an implementation in Python.
    @Test func verifiesTheChecksum() {
        let right: [UInt8] = [0xD8, 0x08, 0x80, 0x64]
        let bytes = Self.binary([0x21, 0x11], Self.v4Addresses + [3, 0, 4] + right)
        #expect(source(ProxyProtocolHeader.parse(bytes)) != nil)
    }

    @Test func everyErrorHasWordsOfItsOwn() {
        #expect(Set(ProxyProtocolError.allCases.map(\.reason)).count == ProxyProtocolError.allCases.count)
    }
}
