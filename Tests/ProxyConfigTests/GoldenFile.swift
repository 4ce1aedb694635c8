import Foundation
import Testing

/// A file of `Tests/Golden`: input, a line of dashes, expected output. `POSTERN_UPDATE_GOLDEN=1` writes the output instead of comparing it.
struct GoldenFile {
    static let separator = "\n--------\n"
    let url: URL
    let input: String
    let expected: String

    static func folder(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "Golden/\(name)", directoryHint: .isDirectory)
    }

    static func names(in folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: self.folder(folder).path)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }

    init(_ name: String, in folder: String) throws {
        url = Self.folder(folder).appending(path: name)
        let text = try String(contentsOf: url, encoding: .utf8)
        let parts = text.components(separatedBy: Self.separator)
        input = try #require(parts.first)
        expected = parts.count > 1 ? parts.dropFirst().joined(separator: Self.separator) : ""
    }

    func check(_ output: String) throws {
        if ProcessInfo.processInfo.environment["POSTERN_UPDATE_GOLDEN"] == "1" {
            try (input + Self.separator + output).write(to: url, atomically: true, encoding: .utf8)
            return
        }
        #expect(output == expected, "\(url.lastPathComponent)")
    }

    /// Lines `# env NAME=value` and `# file NAME=value` (with `\n` for line breaks) at the beginning of the input.
    func header(_ kind: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in input.split(separator: "\n") {
            guard line.hasPrefix("# ") else { break }
            guard line.hasPrefix("# \(kind) "), let equals = line.firstIndex(of: "=") else { continue }
            let name = line[..<equals].dropFirst(kind.count + 3)
            values[String(name)] = String(line[equals...].dropFirst()).replacing("\\n", with: "\n")
        }
        return values
    }
}
