import Foundation
import ProxyConfig
import Testing

/// `docs/reference` holds what the catalogs say. `POSTERN_UPDATE_GOLDEN=1` writes the pages.
@Suite struct ReferenceDocumentTests {
    @Test(arguments: ReferenceDocument.render().map(\.file))
    func isCommitted(file: String) throws {
        let page = try #require(ReferenceDocument.render().first { $0.file == file })
        let url = URL(filePath: #filePath).appending(path: "../../../docs/reference/\(file)").standardized
        if ProcessInfo.processInfo.environment["POSTERN_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try page.text.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: url, encoding: .utf8) == page.text)
    }
}
