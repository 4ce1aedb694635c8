import Testing

@testable import HTTPWire

/// RFC 7541, its examples (appendix C) and what it calls an error.
@Suite struct HPACKTests {
    /// The fields of a block as `name: value` lines; nil where the block breaks the rules.
    private static func lines(_ block: [UInt8], _ decoder: inout HPACKDecoder) -> [String]? {
        var collector = FieldCollector()
        // Trailers take any field in order, but for pseudo-header fields.
        collector.begin(.trailers)
        guard block.withUnsafeBytes({ decoder.decode($0, into: &collector) }) else { return nil }
        return collector.trailers.fields.map { "\(collector.trailers.name($0).string): \(collector.trailers.value($0).string)" }
    }

    private static func request(_ block: [UInt8], _ decoder: inout HPACKDecoder) throws -> RequestHead {
        var collector = FieldCollector()
        collector.begin()
        #expect(block.withUnsafeBytes { decoder.decode($0, into: &collector) })
        return try collector.finish(endsStream: true) { [] }.head
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.filter(\.isHexDigit)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
    }

    @Test func integersOfAppendixC1() {
        for (value, prefix, bytes) in [(10, 5, [0x0A]), (1337, 5, [0x1F, 0x9A, 0x0A]), (42, 8, [0x2A])] as [(Int, Int, [UInt8])] {
            var written: [UInt8] = []
            HPACKInteger.append(value, prefix: prefix, pattern: 0, to: &written)
            #expect(written == bytes)
            var index = 0
            #expect(bytes.withUnsafeBytes { HPACKInteger.read($0, &index, prefix: prefix) } == value)
            #expect(index == bytes.count)
        }
    }

    @Test func literalsOfAppendixC2() throws {
        var decoder = HPACKDecoder()
        #expect(Self.lines(Self.bytes("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"), &decoder) == ["custom-key: custom-header"])
        #expect(Self.lines([0xBE], &decoder) == ["custom-key: custom-header"])
        #expect(Self.lines(Self.bytes("1008 7061 7373 776f 7264 0673 6563 7265 74"), &decoder) == ["password: secret"])
        #expect(Self.lines([0xBF], &decoder) == nil)
    }

    @Test(arguments: [
        [
            "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865",
            "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
        ],
        [
            "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf",
            "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
        ],
    ])
    func requestsOfAppendicesC3AndC4(blocks: [String]) throws {
        var decoder = HPACKDecoder()
        let first = try Self.request(Self.bytes(blocks[0]), &decoder)
        #expect(first.hostView == "www.example.com" && first.originTargetView == "/" && first.fields.count == 1)
        let second = try Self.request(Self.bytes(blocks[1]), &decoder)
        #expect(second.first(.cacheControl)?.string == "no-cache")
        let third = try Self.request(Self.bytes(blocks[2]), &decoder)
        #expect(third.originTargetView == "/index.html" && third.value(named: "custom-key" as StaticString)?.string == "custom-value")
    }

    /// Appendices C.5 and C.6 with their table of 256 bytes, so that entries are evicted. `:status` is not for requests and makes no line.
    @Test(arguments: [
        [
            "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
            "4803 3330 37c1 c0bf",
            "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
        ],
        [
            "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
            "4883 640e ffc1 c0bf",
            "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
        ],
    ])
    func responsesOfAppendicesC5AndC6(blocks: [String]) {
        var decoder = HPACKDecoder()
        // 0x3F 0xE1 0x01: a table of 256 bytes.
        var fields: [[String]?] = []
        for (index, block) in blocks.enumerated() {
            var collector = FieldCollector()
            collector.begin(.nothing)
            let bytes = (index == 0 ? [0x3F, 0xE1, 0x01] : []) + Self.bytes(block)
            #expect(bytes.withUnsafeBytes { decoder.decode($0, into: &collector) })
            fields.append(Self.lines([0xBE, 0xBF, 0xC0], &decoder))
        }
        #expect(fields[0] == ["location: https://www.example.com", "date: Mon, 21 Oct 2013 20:13:21 GMT", "cache-control: private"])
        // A fourth entry at first, `:status: 307` at the front after the second block.
        #expect(
            fields[2] == [
                "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1", "content-encoding: gzip",
                "date: Mon, 21 Oct 2013 20:13:22 GMT",
            ])
        #expect(Self.lines([0xC1], &decoder) == nil)
    }

    @Test(arguments: [
        "80", "ff80808080808080808001", "c1", "be", "ff ff ff ff ff ff ff", "00", "0001", "00016101", "0001610561", "00 81ff 00",
        "00 84ffff ffff 0161", "00 82 1fff 00", "82 20", "82 3f e1 1f", "3f e2 1f", "ff ff ff ff 0f", "0f", "7f",
    ])
    func whatBreaksTheCodingIsAnError(hex: String) {
        var decoder = HPACKDecoder()
        #expect(Self.lines(Self.bytes(hex), &decoder) == nil)
    }

    @Test func huffmanCodesAreReadAndWritten() {
        let code = HuffmanCode.shared
        var generator = SplitMix64(seed: 7)
        for round in 0..<2000 {
            let alphabet: ClosedRange<UInt8> = round % 2 == 0 ? 0...255 : 0x20...0x7E
            let text = (0..<Int.random(in: 0...60, using: &generator)).map { _ in UInt8.random(in: alphabet, using: &generator) }
            var coded: [UInt8] = []
            text.withUnsafeBytes { code.encode($0, into: &coded) }
            #expect(coded.count == text.withUnsafeBytes { code.encodedCount($0) })
            var output = [UInt8](repeating: 0, count: HuffmanCode.decodedLimit(coded.count))
            let count = coded.withUnsafeBytes { coded in output.withUnsafeMutableBytes { code.decode(coded, into: $0) } }
            #expect(count == text.count && Array(output.prefix(count ?? 0)) == text)
        }
    }

    /// RFC 7541 section 5.2: padding is the beginning of the end symbol, and shorter than a byte.
    @Test(arguments: [
        ("1f", true), ("18", false), ("1fff", false), ("ff", false), ("", true), ("ffffffff", false), ("fffffffc", false), ("1c7f", true),
        ("1c7e", false),
    ])
    func paddingIsJudged(hex: String, isSound: Bool) {
        let coded = Self.bytes(hex)
        var output = [UInt8](repeating: 0, count: HuffmanCode.decodedLimit(coded.count))
        let count = coded.withUnsafeBytes { coded in output.withUnsafeMutableBytes { HuffmanCode.shared.decode(coded, into: $0) } }
        #expect((count != nil) == isSound)
    }

    @Test func theTableStaysRightWhereARequestIsRefused() throws {
        var decoder = HPACKDecoder()
        var collector = FieldCollector(limits: HTTPLimits(maxHeadBytes: 100))
        collector.begin()
        // A field that is too long, then one that enters the table.
        let block = [0x00, 0x01, 0x61] + literal(Array(repeating: 0x62, count: 200)) + [0x40, 0x01, 0x63, 0x01, 0x64]
        #expect(block.withUnsafeBytes { decoder.decode($0, into: &collector) })
        #expect(throws: WireError.headTooLarge) { try collector.finish(endsStream: true) { [] } }
        #expect(Self.lines([0xBE], &decoder) == ["c: d"])
    }

    @Test func aBombIsNotSpreadOut() {
        var decoder = HPACKDecoder()
        var collector = FieldCollector()
        collector.begin()
        let block = [0x40, 0x01, 0x61] + literal(Array(repeating: 0x62, count: 3900)) + Array(repeating: 0xBE, count: 100_000)
        #expect(block.withUnsafeBytes { decoder.decode($0, into: &collector) })
        #expect(collector.failure == .headTooLarge)
        #expect(collector.head.bytes.count <= 128 * 1024)
    }

    @Test func theTableForgetsInOrder() {
        var table = HPACKTable(maxSize: 200)
        for number in 0..<1000 {
            let line = Array("name-\(number % 10): \(number)\r\n".utf8)
            line.withUnsafeBytes { table.insert($0, nameCount: 6, facts: FieldNameFacts(line: $0, nameCount: 6)) }
            #expect(table.size <= 200)
        }
        #expect(table.count == 4)
        for age in 0..<4 {
            #expect(
                table.entry(age).map { entry in table.withLine(entry) { String(decoding: $0, as: UTF8.self) } } == "name-\(9 - age): \(999 - age)\r\n"
            )
        }
        #expect(table.entry(4) == nil)
        table.resize(50)
        #expect(table.count == 1)
        table.resize(0)
        #expect(table.count == 0 && table.size == 0)
    }

    @Test func repeatedResponsesBecomeShort() {
        var encoder = HPACKEncoder()
        let lines = Array(
            "Server: app\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\nSet-Cookie: a=b\r\nX-Frame-Options: DENY\r\n".utf8)
        var sizes: [Int] = []
        var decoder = HPACKDecoder()
        for _ in 0..<3 {
            var block: [UInt8] = []
            encoder.begin(&block)
            encoder.append(lines, to: &block)
            sizes.append(block.count)
            #expect(
                Self.lines(block, &decoder) == ["server: app", "content-type: text/html; charset=utf-8", "set-cookie: a=b", "x-frame-options: DENY"])
        }
        // Three fields of one byte, and the secret that is never in the table: `1f 28 03 a=b`.
        #expect(sizes[2] == 3 + 2 + 1 + 3)
    }

    @Test func aTableOfTheClientsSizeIsAnnounced() {
        var encoder = HPACKEncoder()
        var block: [UInt8] = []
        encoder.allow(tableSize: 0)
        encoder.allow(tableSize: 100)
        encoder.begin(&block)
        #expect(block == [0x20, 0x3F, 100 - 31])
        block = []
        encoder.begin(&block)
        #expect(block.isEmpty)
        encoder.allow(tableSize: 1 << 31)
        encoder.begin(&block)
        #expect(block.suffix(3) == [0x3F, 0xE1, 0x1F])
    }

    @Test func statusesAndLengths() {
        var encoder = HPACKEncoder()
        var block: [UInt8] = []
        encoder.append(status: 200, to: &block)
        encoder.append(status: 451, to: &block)
        encoder.append(contentLength: 1024, to: &block)
        #expect(block == [0x88, 0x08, 3] + Array("451".utf8) + [0x0F, 0x0D, 4] + Array("1024".utf8))
    }
}
