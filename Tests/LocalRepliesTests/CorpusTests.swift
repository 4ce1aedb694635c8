import Foundation
import Testing

/// Replays the inputs of the fuzz target, among them every one that ever failed, through the same properties.
@Suite struct CorpusTests {
    @Test func holdsForTheCorpus() throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpus/EndpointText").standardized
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files {
            let input = Array(try Data(contentsOf: file))
            #expect(endpointTextViolation(input) == nil, "\(file.lastPathComponent)")
        }
    }

    @Test func holdsForRandomBytes() {
        var generator = SystemRandomNumberGenerator()
        for kind in "fcbkau".utf8 {
            for length in 0..<200 {
                let input = [kind] + (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
                #expect(endpointTextViolation(input) == nil, "\(input)")
            }
        }
    }
}
