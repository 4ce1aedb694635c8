import HTTPWire
import Testing

@Suite struct HeadBuilderTests {
    @Test(arguments: ["a\r\nX: 1", "a\nb", "a\rb", "a\0", "\u{7F}", "\u{1B}[0m", "12345678\n", "1234567\n9"])
    func refusesValuesThatCouldEndTheLine(_ value: String) {
        var builder = HeadBuilder()
        let accepted = [
            builder.field("X", value), builder.field("X", Array(value.utf8)), builder.field("X", ByteView(value)),
            builder.field(named: "X", value), builder.field(named: ByteView("X"), ByteView(value)),
            builder.statusLine(200, reason: ByteView(value)), builder.requestLine(method: ByteView("GET"), target: ByteView("/" + value)),
        ]
        #expect(accepted.allSatisfy { !$0 })
        #expect(builder.bytes.isEmpty)
    }

    @Test(arguments: ["", "a b", "a:", "a\r\n", "é", "a\0"]) func refusesNamesThatAreNoToken(_ name: String) {
        var builder = HeadBuilder()
        let accepted = [
            builder.field(named: name, "v"), builder.field(named: ByteView(name), ByteView("v")),
            builder.requestLine(method: ByteView(name), target: ByteView("/")),
        ]
        #expect(accepted.allSatisfy { !$0 })
        #expect(builder.bytes.isEmpty)
    }

    @Test(arguments: ["", "/ ", "/#", "/\u{80}", "/ HTTP/1.1\r\n"]) func refusesTargetsThatEndEarly(_ target: String) {
        var builder = HeadBuilder()
        let accepted = [
            builder.requestLine(method: ByteView("GET"), target: ByteView(target)),
            builder.requestLine(method: ByteView("GET"), path: ByteView(target), query: nil),
            builder.requestLine(method: ByteView("GET"), path: ByteView("/"), query: ByteView(target + " ")),
        ]
        #expect(accepted.allSatisfy { !$0 })
        #expect(builder.bytes.isEmpty)
    }

    @Test func writesWholeHeads() {
        var builder = HeadBuilder()
        let accepted = [
            builder.requestLine(method: ByteView("GET"), path: ByteView("/a"), query: ByteView("b=c")), builder.field("Host", "é.example"),
            builder.field(named: "X-A", "tab\there"),
        ]
        builder.field("X-B", constant: "c")
        builder.framing(.length(1200))
        builder.framing(.chunked)
        builder.framing(.none)
        builder.end()
        #expect(accepted.allSatisfy { $0 })
        let expected = """
            GET /a?b=c HTTP/1.1\r\nHost: é.example\r\nX-A: tab\there\r\nX-B: c\r\nContent-Length: 1200\r\nTransfer-Encoding: chunked\r\n\r\n
            """
        #expect(String(decoding: builder.bytes, as: UTF8.self) == expected)
        builder.reset()
        #expect(builder.bytes.isEmpty)
    }

    @Test(arguments: [(200, "OK"), (302, "Found"), (431, "Request Header Fields Too Large"), (450, "Device Not Authorized"), (599, "")])
    func writesStatusLines(_ status: Int, _ reason: String) {
        var builder = HeadBuilder()
        let accepted = builder.statusLine(status)
        #expect(accepted)
        #expect(String(decoding: builder.bytes, as: UTF8.self) == "HTTP/1.1 \(status) \(reason)\r\n")
    }

    @Test(arguments: [0, 99, 1000, -200]) func refusesStatusesWithoutThreeDigits(_ status: Int) {
        var builder = HeadBuilder()
        let accepted = builder.statusLine(status) || builder.statusLine(status, reason: .empty)
        #expect(!accepted)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, UInt64.max - 1, UInt64.max]) func writesIntegers(_ value: UInt64) {
        var builder = HeadBuilder()
        builder.field("N", integer: value)
        #expect(String(decoding: builder.bytes, as: UTF8.self) == "N: \(value)\r\n")
    }

    @Test(arguments: [1, 9, 10, 15, 16, 255, 256, 4095, 65_536, 1 << 40, Int.max]) func writesChunkSizes(_ length: Int) {
        var bytes: [UInt8] = []
        ChunkEncoder.prefix(length, into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == String(length, radix: 16, uppercase: true) + "\r\n")
    }

    @Test(arguments: [0, -1]) func writesNoEmptyChunk(_ length: Int) {
        var bytes: [UInt8] = []
        ChunkEncoder.prefix(length, into: &bytes)
        #expect(bytes.isEmpty)
    }
}
