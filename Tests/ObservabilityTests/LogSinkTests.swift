import Foundation
import HTTPWire
import Testing

@testable import Observability

@Suite struct LogSinkTests {
    @Test func writesLinesInOrder() throws {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        for number in 0..<100 { sink.submit(Array("line \(number)\n".utf8)) }
        sink.flush()
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(text == (0..<100).map { "line \($0)\n" }.joined())
    }

    /// Never closed: its sink goes on writing, and the number of the descriptor must not become another test's.
    private static let stalled = Pipe()

    @Test func countsWhatAStalledReaderMakesItDrop() throws {
        let sink = LogSink(descriptor: Self.stalled.fileHandleForWriting.fileDescriptor)
        let block = [UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20) + [10]
        for _ in 0..<12 { sink.submit(block) }
        #expect(sink.droppedLines > 0)
    }

    @Test func writesOneAccessLineWithTheConfiguredFields() throws {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let buffer = LogBuffer(sink: sink)
        var parser = RequestParser()
        let head = Array("GET /x\"y?q=1 HTTP/1.1\r\nHost: app.test\r\nReferer: https://app.test/from?token=1\r\n\r\n".utf8)
        #expect(head.withUnsafeBytes { parser.consume($0) }.event == .head)
        var record = AccessLogRecord(requestID: Array("abc".utf8), head: parser.head, clientAddress: "192.0.2.1")
        record.status = 200
        record.duration = 1_234_567
        record.email = "a@example.com"
        buffer.access(record, fields: [.method, .path, .referer, .requestID, .duration, .responseCode], at: 0)
        buffer.flush()
        sink.flush()
        try pipe.fileHandleForWriting.close()
        let line = pipe.fileHandleForReading.readDataToEndOfFile()
        let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        #expect(object["message"] as? String == "http-request")
        #expect(object["path"] as? String == "/x\"y")
        #expect(object["referer"] as? String == "https://app.test/from")
        #expect(object["request-id"] as? String == "abc")
        #expect(object["duration"] as? Double == 1.234)
        #expect(object["ip"] as? String == "192.0.2.1")
        #expect(object["email"] as? String == "a@example.com")
        #expect(object["user-agent"] == nil)
    }
}

@Suite struct HealthRegistryTests {
    @Test func isNotReadyBeforeEverythingRequiredHasReported() {
        let registry = HealthRegistry(required: ["a", "b"])
        #expect(!registry.probe(.startup).passes)
        registry.report("a", .running)
        #expect(!registry.probe(.ready).passes)
        registry.report("b", .running)
        #expect(registry.probe(.ready).passes)
        #expect(registry.probe(.live).passes)
    }

    @Test func isAliveButNotReadyWhileTerminating() {
        let registry = HealthRegistry(required: ["a"])
        registry.report("a", .terminating)
        #expect(!registry.probe(.ready).passes)
        #expect(registry.probe(.live).passes)
    }

    @Test func tellsFaultsInTheStatusDocument() throws {
        let registry = HealthRegistry(required: ["a"])
        registry.report("a", .running)
        registry.report("a", error: "disk \"full\"")
        #expect(!registry.probe(.live).passes)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(registry.statusDocument())) as? [String: Any])
        let statuses = try #require(object["statuses"] as? [String: [String: Any]])
        #expect(statuses["a"]?["error"] as? String == "disk \"full\"")
    }
}
