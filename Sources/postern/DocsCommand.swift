import ArgumentParser
import ConfigLints
import Foundation
import ProxyConfig

/// `postern docs DIRECTORY`: writes the reference pages that are made from the catalogs.
struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Write the reference pages that are made from the code.", shouldDisplay: false)

    @Argument(help: "The directory, for example docs/reference.")
    var directory: String

    func run() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for page in ReferenceDocument.render() + [(file: LintPage.file, text: LintPage.text)] {
            try Data(page.text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(page.file)"))
            StandardStreams.out("wrote \(directory)/\(page.file)\n")
        }
    }
}
