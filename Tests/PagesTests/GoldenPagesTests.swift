import Foundation
import Testing

@testable import Pages

/// Compares each sample page with `Tests/Golden/pages/<name>.html`. `POSTERN_UPDATE_GOLDEN=1` writes the files instead.
///
/// The style sheet is replaced by a placeholder: it is the same on every page and has tests of its own.
@Suite struct GoldenPagesTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden/pages", directoryHint: .isDirectory)

    @Test(arguments: SamplePages.all().map(\.name))
    func matchesItsGoldenFile(name: String) throws {
        let page = try #require(SamplePages.all().first { $0.name == name })
        let html = page.html(.default).replacing(Branding.default.styleSheet, with: "/* style sheet */")
        let file = Self.directory.appending(path: "\(name).html")
        if ProcessInfo.processInfo.environment["POSTERN_UPDATE_GOLDEN"] == "1" {
            try Data(html.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == html)
    }

    @Test func hasNoGoldenFileWithoutAPage() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path).filter { $0.hasSuffix(".html") }
        #expect(Set(files) == Set(SamplePages.all().map { $0.name + ".html" }))
    }

    /// Writes the pages as a browser gets them, for looking at them: `POSTERN_PAGES_PREVIEW=<folder>`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["POSTERN_PAGES_PREVIEW"] != nil))
    func writesPreviews() throws {
        let folder = URL(filePath: try #require(ProcessInfo.processInfo.environment["POSTERN_PAGES_PREVIEW"]))
        for page in SamplePages.all() {
            try Data(page.html(.default).utf8).write(to: folder.appending(path: "\(page.name).html"))
        }
    }
}
