import Foundation
import Testing

@testable import ServerRuntime

@Suite struct FileProbeTests {
    private let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "probe-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    private func write(_ text: String, _ name: String) throws {
        try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    }

    @Test func seesAFileWrittenInPlace() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var probe = FileProbe()
        try write("one", "a")
        let before = probe.look(at: [path("a")])
        #expect(probe.look(at: [path("a")]) == before)
        try write("two", "a")
        #expect(probe.look(at: [path("a")]) != before)
    }

    @Test func followsASymbolicLinkThatIsSwapped() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var probe = FileProbe()
        try write("one", "a")
        try write("two", "b")
        try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: path("a"))
        let before = probe.look(at: [path("link")])
        try FileManager.default.createSymbolicLink(atPath: path("new"), withDestinationPath: path("b"))
        #expect(rename(path("new"), path("link")) == 0)
        let after = probe.look(at: [path("link")])
        #expect(before == [path("link"): .text(FileProbe.digest("one"))])
        #expect(after == [path("link"): .text(FileProbe.digest("two"))])
    }

    @Test func tellsAMissingFile() {
        var probe = FileProbe()
        #expect(probe.look(at: [path("none")]) == [path("none"): .unreadable])
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func recordsWhatWasRead() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try write("text", "a")
        let files = LoadedFiles()
        let missing = path("missing")
        let read = files.record { read in
            _ = try? read(missing)
            return try? read(path("a"))
        }
        #expect(read == "text")
        #expect(files.current == [path("a"): .text(FileProbe.digest("text")), missing: .unreadable])
    }
}
