import Foundation
import Testing

/// Replays the inputs of the fuzz target, among them every one that ever failed, through the same property.
@Suite struct CorpusTests {
    @Test func holdsForTheCorpus() throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpus/RouteMatch").standardized
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files { #expect(routeMatchViolation(Array(try Data(contentsOf: file))) == nil, "\(file.lastPathComponent)") }
    }

    /// Small alphabets make hosts and paths meet often.
    @Test func holdsForListsMadeAtRandom() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let hosts = ["a", "b.a", "*", "*.a", "*a", "b.*", "*.*", "a.", "B.A", "*b*a", "c"]
        let ports = ["", ":1", ":2", ""]
        let paths = ["", "=/", "=/x", "^/x", "^/", "~/x+", "~/(x|y)*", "^", "~"]
        for _ in 0..<4000 {
            var lines = ["\(hosts[next(hosts.count)].replacing("*", with: "b"))\(ports[next(4)]) \(["/", "/x", "/xx", "/y"][next(4)])"]
            for _ in 0..<next(7) { lines.append("\(hosts[next(hosts.count)])\(ports[next(4)]) \(paths[next(paths.count)])") }
            let text = lines.joined(separator: "\n")
            #expect(routeMatchViolation(Array(text.utf8)) == nil, "\(text)")
        }
    }
}
