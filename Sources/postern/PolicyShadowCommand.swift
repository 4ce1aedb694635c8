import ArgumentParser
import BrokerStorage
import Decisions
import Records

/// `postern policy shadow`: who would gain or lose access by the shadow policies of a server.
struct PolicyShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow", abstract: "List who would gain or lose access by the shadow policies that run on live traffic.")

    @Option(help: "Only the route of this id or name.")
    var route: String?

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var options: DecisionArchiveOptions

    func run() async throws {
        try await options.withArchive { archive in
            let findings = try await archive.findings(route: route)
            if json {
                StandardStreams.out(ShadowReport.json(findings, counts: nil))
            } else {
                StandardStreams.out(findings.isEmpty ? "nobody would gain or lose access so far\n" : ShadowReport.text(findings))
            }
        }
    }
}
