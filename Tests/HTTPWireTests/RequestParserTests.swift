import HTTPWire
import Testing

@Suite struct RequestParserTests {
    /// Feeds the bytes in pieces of `step` and reports the events the way golden files write them.
    static func report(_ bytes: [UInt8], step: Int, limits: HTTPLimits = HTTPLimits()) -> [String] {
        var parser = RequestParser(limits: limits)
        var lines: [String] = []
        var position = 0
        while position < bytes.count {
            let piece = Array(bytes[position..<min(position + step, bytes.count)])
            position += piece.count
            let isDone = piece.withUnsafeBytes { whole in
                var input = whole
                while true {
                    let (consumed, event) = parser.consume(input)
                    switch event {
                    case .needMore: return false
                    case .head: lines += parser.head.golden
                    case .body(let range): appendBody(UnsafeRawBufferPointer(rebasing: input[range]), to: &lines)
                    case .end: lines.append(golden("end", trailers: parser.trailers))
                    case .failed(let error):
                        lines.append("failed \(error) \(error.status) \(error.detail)")
                        return true
                    }
                    input = UnsafeRawBufferPointer(rebasing: input[consumed...])
                }
            }
            if isDone { break }
        }
        return lines
    }

    static let goldenMessages = GoldenMessage.all(in: "requests")

    @Test func findsTheGoldenFiles() {
        #expect(Self.goldenMessages.count > 140)
    }

    @Test(arguments: goldenMessages) func readsWhatTheGoldenFileSays(_ message: GoldenMessage) {
        let withFields = message.expected.contains { $0.hasPrefix("  field") }
        for step in [message.bytes.count, 1, 2, 3, 7, 16] {
            let lines = Self.report(message.bytes, step: step).filter { withFields || !$0.hasPrefix("  field") }
            #expect(lines == message.expected, "in pieces of \(step)")
        }
    }

    static func request(fields: Int = 0, target: Int = 1, value: Int = 0) -> [UInt8] {
        var text = "GET /" + String(repeating: "a", count: target - 1) + " HTTP/1.1\r\nHost: a\r\n"
        for _ in 0..<fields { text += "X: 1\r\n" }
        if value > 0 { text += "X: " + String(repeating: "v", count: value) + "\r\n" }
        return Array((text + "\r\n").utf8)
    }

    @Test(arguments: [
        (RequestParserTests.request(fields: 9), nil),
        (RequestParserTests.request(fields: 10), WireError.tooManyFields),
        (RequestParserTests.request(target: 100), nil),
        (RequestParserTests.request(target: 101), .targetTooLong),
        (RequestParserTests.request(target: 300), .targetTooLong),
        (RequestParserTests.request(value: 468), nil),
        (RequestParserTests.request(value: 469), .headTooLarge),
        (RequestParserTests.request(value: 4000), .headTooLarge),
    ]) func keepsTheLimits(_ bytes: [UInt8], _ error: WireError?) {
        let limits = HTTPLimits(maxHeadBytes: 500, maxFields: 10, maxTargetBytes: 100)
        for step in [bytes.count, 1, 5] {
            let last = Self.report(bytes, step: step, limits: limits).last
            #expect(last == error.map { "failed \($0) \($0.status) \($0.detail)" } ?? "end")
        }
    }

    @Test func answersLimitsWithTheirStatus() {
        #expect(WireError.headTooLarge.status == 431)
        #expect(WireError.tooManyFields.detail == "http1.too_many_headers")
        #expect(WireError.targetTooLong.status == 414)
        #expect(WireError.bodyTooLarge.status == 413)
    }

    @Test func refusesALineThatNeverEndsBeforeItIsStoredWhole() {
        var parser = RequestParser(limits: HTTPLimits(maxHeadBytes: 1 << 20, maxTargetBytes: 100))
        let endless = [UInt8](repeating: 0x61, count: 200)
        let (_, event) = endless.withUnsafeBytes { parser.consume($0) }
        #expect(event == .failed(.targetTooLong))
        #expect(endless.withUnsafeBytes { parser.consume($0) }.event == .failed(.targetTooLong))
    }

    @Test(arguments: ["Content-Length: 11\r\n\r\n01234567890", "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n01234\r\n0\r\n\r\n"])
    func keepsTheLimitOfTheContent(_ rest: String) {
        let bytes = Array("POST / HTTP/1.1\r\nHost: a\r\n\(rest)".utf8)
        for step in [bytes.count, 1] {
            let small = Self.report(bytes, step: step, limits: HTTPLimits(maxBodyBytes: 10))
            #expect(small.last == "failed bodyTooLarge 413 request_payload_too_large")
            #expect(Self.report(bytes, step: step, limits: HTTPLimits(maxBodyBytes: 11)).last == "end")
        }
    }

    @Test func boundsTrailers() {
        let line = "X-Trailer: " + String(repeating: "v", count: 100) + "\r\n"
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + line + line + "\r\n"
        for step in [1, 10_000] {
            let lines = Self.report(Array(text.utf8), step: step, limits: HTTPLimits(maxTrailerBytes: 200))
            #expect(lines.last == "failed trailersTooLarge 431 http1.headers_too_large")
        }
    }

    @Test func refusesExtensionsThatOutweighTheContent() {
        let chunk = "1;" + String(repeating: "e", count: 250) + "\r\nx\r\n"
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 100)
        for step in [1, 100_000] {
            #expect(Self.report(Array(text.utf8), step: step).last == "failed chunkOverhead 400 http1.codec_error")
        }
        let plain = String(repeating: "1\r\nx\r\n", count: 20_000) + "0\r\n\r\n"
        let small = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + plain
        #expect(Self.report(Array(small.utf8), step: 100_000).last == "end")
    }

    @Test func handsOutLargeChunksWithoutCopying() {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n"
        var parser = RequestParser()
        var bytes = Array(text.utf8)
        bytes += [UInt8](repeating: 0x78, count: 1000)
        bytes.withUnsafeBytes { input in
            let (head, first) = parser.consume(input)
            #expect(first == .head)
            let rest = UnsafeRawBufferPointer(rebasing: input[head...])
            #expect(parser.consume(rest).event == .body(7..<1007))
        }
        #expect(!parser.isIdle)
    }

    @Test func keepsTheHeadUntilTheNextRequestBegins() throws {
        var parser = RequestParser()
        let bytes = Array("GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: b\r\n\r\n".utf8)
        bytes.withUnsafeBytes { input in
            let (count, head) = parser.consume(input)
            #expect(head == .head)
            var rest = UnsafeRawBufferPointer(rebasing: input[count...])
            #expect(parser.consume(rest).event == .end)
            #expect(parser.head.pathView == ("/one" as StaticString))
            #expect(parser.isIdle)
            let (more, second) = parser.consume(rest)
            #expect(second == .head)
            #expect(parser.head.pathView == ("/two" as StaticString))
            rest = UnsafeRawBufferPointer(rebasing: rest[more...])
            #expect(parser.consume(rest).event == .end)
        }
        parser.releaseStorage()
        #expect(parser.head.bytes.isEmpty)
    }

    @Test func keepsItsBuffersOnAWarmConnection() {
        let bytes = Array("GET /one HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nCookie: a=b\r\n\r\n".utf8)
        var parser = RequestParser()
        var addresses: Set<UInt> = []
        for _ in 0..<10 {
            bytes.withUnsafeBytes { input in
                let (count, _) = parser.consume(input)
                _ = parser.consume(UnsafeRawBufferPointer(rebasing: input[count...]))
            }
            addresses.insert(parser.head.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) })
            addresses.insert(parser.head.fields.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) })
        }
        #expect(addresses.count == 2)
    }

    @Test func givesNamedAccess() throws {
        let text = """
            GET /a?b HTTP/1.1\r\nHost: Example.COM:8443\r\nCookie: a=1\r\nX-Forwarded-For: 1.2.3.4\r\ncookie: b=2\r\nX-Custom:  v \r\n\
            x_pomerium.Claim-Email: z\r\n\r\n
            """
        let head = try RequestHead.parse(Array(text.utf8))
        #expect(head.hostView.string == "Example.COM:8443")
        #expect(head.hostName.equalsIgnoringCase("example.com"))
        #expect(head.port == 8443)
        #expect(head.values(.cookie).map(\.string) == ["a=1", "b=2"])
        #expect(head.first(.xForwardedFor)?.string == "1.2.3.4")
        #expect(head.first(.authorization) == nil)
        #expect(head.value(named: "x-CUSTOM" as StaticString)?.string == "v")
        #expect(head.value(named: "x-custom" as String)?.string == "v")
        #expect(head.value(named: "x-custo" as String) == nil)
        #expect(head.fields.last?.known == .xPomerium)
        #expect(head.hasUnderscoreName)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\nx", ""])
    func parsesOnlyOneCompleteHead(_ text: String) {
        #expect(throws: WireError.self) { try RequestHead.parse(Array(text.utf8)) }
    }

    @Test func namesEveryErrorDifferently() {
        #expect(Set(WireError.allCases.map(\.reason)).count == WireError.allCases.count)
        #expect(WireError.allCases.allSatisfy { (400...505).contains($0.status) })
    }
}
