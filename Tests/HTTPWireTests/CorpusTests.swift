import Foundation
import Testing

/// Replays the inputs of the fuzz targets, among them every one that ever failed, through the same properties.
@Suite struct CorpusTests {
    static func corpus(_ name: String) -> [[UInt8]] {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpus/\(name)").standardized
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.sorted { $0.path < $1.path }.compactMap { try? Array(Data(contentsOf: $0)) }
    }

    @Test(
        arguments: [
            ("RequestParser", requestParserViolation), ("ResponseParser", responseParserViolation), ("PathNormalizer", pathNormalizerViolation),
            ("Cookies", cookieViolation), ("ProxyProtocol", proxyProtocolViolation), ("Chunked", chunkedViolation),
            ("RequestFieldList", requestFieldListViolation), ("ResponseFieldList", responseFieldListViolation),
            ("HPACK", hpackViolation), ("HTTP2", http2Violation),
        ] as [(String, @Sendable ([UInt8]) -> String?)]) func holdsForTheCorpus(_ name: String, _ violation: @Sendable ([UInt8]) -> String?)
    {
        let inputs = Self.corpus(name)
        #expect(!inputs.isEmpty)
        for input in inputs { #expect(violation(input) == nil, "\(input)") }
    }

    @Test func holdsForTheGoldenMessages() {
        for message in GoldenMessage.all(in: "requests") { #expect(requestParserViolation(message.bytes) == nil, "\(message.name)") }
        for message in GoldenMessage.all(in: "responses") {
            for method: UInt8 in 0...2 { #expect(responseParserViolation([method] + message.bytes) == nil, "\(message.name)") }
        }
    }
}
