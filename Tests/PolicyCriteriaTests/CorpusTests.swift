import Foundation
import Testing

/// Replays the inputs of the fuzz targets, among them every one that ever failed, through the same properties.
@Suite struct CorpusTests {
    private static func corpus(_ name: String) -> [(name: String, bytes: [UInt8])] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let directory = tests.deletingLastPathComponent().appending(path: "Fuzz/Corpus/\(name)")
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.sorted { $0.path() < $1.path() }.compactMap { file in
            (try? Data(contentsOf: file)).map { (file.lastPathComponent, Array($0)) }
        }
    }

    @Test(
        arguments: [("Policy", policyViolation), ("PolicyScalars", policyScalarViolation)] as [(String, @Sendable ([UInt8]) -> String?)])
    func holdsForTheCorpus(_ name: String, _ violation: @Sendable ([UInt8]) -> String?) {
        let inputs = Self.corpus(name)
        #expect(inputs.count > 5)
        for input in inputs { #expect(violation(input.bytes) == nil, "\(input.name)") }
    }

    @Test func holdsForTheGoldenPolicies() throws {
        for file in GoldenPolicyTests.files {
            let text = try String(contentsOf: GoldenPolicyTests.folder.appending(path: file), encoding: .utf8)
            #expect(policyViolation(Array((text.components(separatedBy: "\n-----\n").first ?? "").utf8)) == nil, "\(file)")
        }
    }

    /// Golden policies with bytes flipped, dropped and doubled: never a trap, never a broken promise.
    @Test func holdsForMutatedPolicies() throws {
        var random = SplitMix64(seed: 30)
        for file in GoldenPolicyTests.files {
            let text = try String(contentsOf: GoldenPolicyTests.folder.appending(path: file), encoding: .utf8)
            let policy = Array((text.components(separatedBy: "\n-----\n").first ?? "").utf8)
            for _ in 0..<8 where !policy.isEmpty {
                var mutated = policy
                for _ in 0..<Int.random(in: 1...3, using: &random) where !mutated.isEmpty {
                    let index = mutated.indices.randomElement(using: &random) ?? 0
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: mutated[index] = UInt8.random(in: 0...255, using: &random)
                    case 1: mutated.remove(at: index)
                    default: mutated.insert(mutated[index], at: index)
                    }
                }
                #expect(policyViolation(mutated) == nil, "\(file): \(String(decoding: mutated, as: UTF8.self))")
            }
        }
    }
}
