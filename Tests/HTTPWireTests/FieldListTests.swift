import Testing

@testable import HTTPWire

@Suite struct FieldListTests {
    static let plain = [(":method", "GET"), (":scheme", "https"), (":path", "/a?b=1"), (":authority", "app.example.com")]

    private func request(_ fields: [(String, String)], endsStream: Bool = true) throws -> FieldCollector.Request {
        var collector = FieldCollector()
        var decoder = HPACKDecoder()
        collector.begin()
        var block: [UInt8] = []
        for (name, value) in fields { block += [0] + literal(Array(name.utf8)) + literal(Array(value.utf8)) }
        #expect(block.withUnsafeBytes { decoder.decode($0, into: &collector) })
        return try collector.finish(endsStream: endsStream) { Array("dGhlIHNhbXBsZSBub25jZQ==".utf8) }
    }

    private func refusal(_ fields: [(String, String)], endsStream: Bool = true) -> WireError? {
        do {
            _ = try request(fields, endsStream: endsStream)
            return nil
        } catch {
            return error as? WireError
        }
    }

    @Test func aRequestBecomesAHead() throws {
        let head = try request(Self.plain + [("accept", "text/html"), ("cookie", "a=1"), ("cookie", "b=2")]).head
        #expect(head.methodView == ("GET" as StaticString))
        #expect(head.pathView == ("/a" as StaticString))
        #expect(head.queryView == ("b=1" as StaticString))
        #expect(head.hostView == ("app.example.com" as StaticString))
        #expect(head.bodyFraming == .none)
        #expect(head.section.count(.cookie) == 2)
    }

    @Test func contentIsFramedByItsLengthOrByChunks() throws {
        let post = [(":method", "POST")] + Self.plain.dropFirst()
        #expect(try request(post, endsStream: false).head.bodyFraming == .chunked)
        #expect(try request(post + [("content-length", "12")], endsStream: false).head.bodyFraming == .length(12))
        #expect(try request(post, endsStream: true).head.bodyFraming == .none)
    }

    @Test func extendedConnectBecomesAnUpgrade() throws {
        let made = try request([(":method", "CONNECT"), (":protocol", "websocket")] + Self.plain.dropFirst(), endsStream: false)
        #expect(made.isExtendedConnect)
        #expect(made.head.isUpgrade)
        #expect(made.head.methodView == ("GET" as StaticString))
        #expect(made.head.first(.upgrade)?.string == "websocket")
        #expect(made.head.first(.secWebSocketKey)?.string == "dGhlIHNhbXBsZSBub25jZQ==")
    }

    @Test func connectNamesItsDestination() throws {
        let head = try request([(":method", "CONNECT"), (":authority", "db.example.com:5432")], endsStream: false).head
        #expect(head.isConnect)
        #expect(head.port == 5432)
        #expect(head.hostName == ("db.example.com" as StaticString))
    }

    @Test(arguments: [
        [(":method", "GET")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/")],
        [(":method", "GET"), (":scheme", "https"), (":path", "http://evil.example/"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "https"), (":path", "*"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/ HTTP/1.1\r\nx: y"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/a b"), (":authority", "a")],
        [(":method", "GET\r\nx: y"), (":scheme", "https"), (":path", "/"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "ftp"), (":path", "/"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a\r\nx: y")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a b")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "u@a")],
        [(":method", "GET"), (":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a"), (":unknown", "1")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a"), (":protocol", "websocket")],
        [("accept", "*/*"), (":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a")],
        [(":method", "CONNECT"), (":scheme", "https"), (":path", "/"), (":authority", "a:1")],
        FieldListTests.plain + [("host", "other.example.com")],
        FieldListTests.plain + [("host", "a"), ("host", "a")],
        FieldListTests.plain + [("connection", "close")],
        FieldListTests.plain + [("transfer-encoding", "chunked")],
        FieldListTests.plain + [("upgrade", "h2c")],
        FieldListTests.plain + [("keep-alive", "1")],
        FieldListTests.plain + [("te", "gzip")],
        FieldListTests.plain + [("Accept", "*/*")],
        FieldListTests.plain + [("a b", "1")],
        FieldListTests.plain + [("a:b", "1")],
        FieldListTests.plain + [("", "1")],
        FieldListTests.plain + [("x", "1\r\nhost: evil")],
        FieldListTests.plain + [("x", "1\ny: 2")],
        FieldListTests.plain + [("x", "\u{0}")],
        FieldListTests.plain + [("content-length", "1"), ("content-length", "1")],
        FieldListTests.plain + [("content-length", "-1")],
        FieldListTests.plain + [("content-length", "1, 1")],
    ])
    func whatHTTP11CouldReadDifferentlyIsRefused(fields: [(String, String)]) {
        #expect(refusal(fields) != nil)
    }

    @Test func fieldsAreBounded() {
        #expect(refusal(Self.plain + (0...1000).map { ("x-\($0)", "1") }) == .tooManyFields)
        #expect(refusal(Self.plain + [("x", String(repeating: "a", count: 200_000))]) == .headTooLarge)
    }

    @Test func trailersHaveNoFraming() throws {
        let section = try FieldSection.trailers([(name: "grpc-status", value: "0"), (name: "x", value: "")], limits: HTTPLimits())
        #expect(section.value(named: "grpc-status" as StaticString)?.string == "0")
        for name in ["content-length", "transfer-encoding", "host", ":status", "Upper", "a b"] {
            #expect(throws: WireError.self) { try FieldSection.trailers([(name: name, value: "1")], limits: HTTPLimits()) }
        }
    }

    @Test func aResponseBecomesAHead() throws {
        var list = ResponseFieldList()
        try list.add(name: ":status", value: "200")
        try list.add(name: "content-type", value: "application/grpc")
        #expect(try list.finish(method: .other, endsStream: false).bodyFraming == .chunked)
        #expect(try list.finish(method: .other, endsStream: true).bodyFraming == .length(0))
        #expect(try list.finish(method: .head, endsStream: true).bodyFraming == BodyFraming.none)
    }

    @Test(arguments: ["", "20", "2000", "abc", "101", "099"])
    func aStatusHasThreeDigits(status: String) throws {
        var list = ResponseFieldList()
        try list.add(name: ":status", value: status)
        #expect(throws: WireError.self) { try list.finish(method: .other, endsStream: true) }
    }
}
