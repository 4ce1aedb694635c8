import HTTPWire
import Testing

@Suite struct ResponseParserTests {
    static func report(_ bytes: [UInt8], step: Int, method: RequestMethodKind = .other, limits: HTTPLimits = HTTPLimits()) -> [String] {
        var parser = ResponseParser(limits: limits)
        parser.expect(requestMethod: method)
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
                    case .needMore: return consumed < input.count
                    case .informational: lines.append("informational \(parser.head.status)")
                    case .head: lines.append(parser.head.golden)
                    case .body(let range): appendBody(UnsafeRawBufferPointer(rebasing: input[range]), to: &lines)
                    case .end: lines.append(golden("end", trailers: parser.trailers))
                    case .failed(let error):
                        lines.append("failed \(error)")
                        return true
                    }
                    input = UnsafeRawBufferPointer(rebasing: input[consumed...])
                }
            }
            if isDone { return lines }
        }
        switch parser.inputClosed() {
        case .end: lines.append(golden("end", trailers: parser.trailers))
        case .failed(let error): lines.append("failed \(error)")
        default: break
        }
        return lines
    }

    static let goldenMessages = GoldenMessage.all(in: "responses")

    @Test func findsTheGoldenFiles() {
        #expect(Self.goldenMessages.count > 30)
    }

    @Test(arguments: goldenMessages) func readsWhatTheGoldenFileSays(_ message: GoldenMessage) {
        for step in [max(1, message.bytes.count), 1, 2, 3, 7, 16] {
            #expect(Self.report(message.bytes, step: step) == message.expected, "in pieces of \(step)")
        }
    }

    @Test(arguments: [
        (RequestMethodKind.head, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", ["head 200 OK none", "end"]),
        (.head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ["head 200 OK none", "end"]),
        (.head, "HTTP/1.1 200 OK\r\n\r\n", ["head 200 OK none", "end"]),
        (.connect, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nraw", ["head 200 OK none switching", "end"]),
        (.connect, "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", ["head 403 No length 2", "body no", "end"]),
    ]) func framesByTheMethodOfTheRequest(_ method: RequestMethodKind, _ text: String, _ expected: [String]) {
        for step in [1, 1000] {
            #expect(Self.report(Array(text.utf8), step: step, method: method) == expected)
        }
    }

    @Test func declaresTheLengthOfWhatIsNotSent() {
        var parser = ResponseParser()
        parser.expect(requestMethod: .head)
        let text = Array("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n".utf8)
        #expect(text.withUnsafeBytes { parser.consume($0) }.event == .head)
        #expect(parser.head.declaredLength == 7)
        #expect(parser.head.bodyFraming == .none)
    }

    @Test func refusesBytesThatAnswerNothing() {
        var parser = ResponseParser()
        #expect([UInt8]("HTTP/1.1 200 OK\r\n".utf8).withUnsafeBytes { parser.consume($0) }.event == .failed(.unsolicitedResponse))
    }

    @Test func expectsOneResponseAtATime() {
        var parser = ResponseParser()
        let answers = [parser.expect(requestMethod: .other), parser.expect(requestMethod: .head)]
        #expect(answers == [true, false])
    }

    @Test func boundsInformationalResponses() {
        let text = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 40)
        #expect(Self.report(Array(text.utf8), step: 10_000).last == "failed tooManyInformationalResponses")
    }

    @Test func takesNothingAfterTheProtocolSwitched() {
        var parser = ResponseParser()
        parser.expect(requestMethod: .other)
        let text = Array("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\nraw".utf8)
        text.withUnsafeBytes { input in
            let (count, event) = parser.consume(input)
            #expect(event == .head)
            let rest = UnsafeRawBufferPointer(rebasing: input[count...])
            #expect(parser.consume(rest) == (0, .end))
            #expect(parser.consume(rest) == (0, .needMore))
        }
        let closed = parser.inputClosed()
        #expect(closed == .needMore)
    }

    @Test(arguments: [("HEAD", RequestMethodKind.head), ("CONNECT", .connect), ("GET", .other), ("head", .other)])
    func knowsTheMethodsThatMatter(_ name: String, _ kind: RequestMethodKind) {
        #expect(RequestMethodKind(ByteView(name)) == kind)
    }
}
