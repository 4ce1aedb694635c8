import ArgumentParser
import BrokerStorage
import Decisions
import Diagnostics
import Foundation
import PolicyCriteria
import PolicyLanguage
import ProxyConfig
import Records
import Routing

/// `postern policy replay`: kept decisions made again with another policy.
struct PolicyReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Make kept decisions again with another policy, and list who would gain or lose access.",
        discussion: "Whoever would lose access shows only where decision_log_allowed has kept the requests that were allowed.")

    @Option(help: "A file with a policy, in the place of the policy of the routes, or a whole configuration.")
    var policy: String

    @Option(help: "Decisions from this moment on: 12h, 7d, or a date in ISO 8601.")
    var since = "7d"

    @Option(help: "Only decisions of the route of this id or name.")
    var route: String?

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var options: DecisionArchiveOptions

    /// Decisions read at a time.
    private static let page = 2000

    func run() async throws {
        guard let start = SinceText.parse(since, now: UnixTime(nanoseconds: WallClock.system.nanoseconds)) else {
            throw ValidationError("--since takes a duration such as 12h or 7d, or a date in ISO 8601, not \(since)")
        }
        try await options.withArchive { archive in
            var replay = PolicyReplay(try candidate())
            var filter = DecisionFilter(since: start.nanoseconds, route: route, limit: Self.page, isAscending: true)
            while true {
                let decisions = try await archive.decisions(filter)
                for decision in decisions { try await replay.add(decision) { try await archive.policy(id: $0) } }
                guard decisions.count == Self.page else { break }
                filter.offset += decisions.count
            }
            StandardStreams.out(json ? replay.json : replay.text(since: start))
        }
    }

    private func candidate() throws -> PolicyReplay.Candidate {
        var report = DiagnosticReport()
        let text: String
        do {
            text = try ConfigLoader.readLocalFile(policy)
        } catch {
            throw DiagnosticError(Diagnostic(code: "unreadable-file", "failed to read \(policy): \(error)"))
        }
        if let value = PositionedValue.parse(yaml: text, file: policy, report: &report), value["routes"] != nil || value["policy"] != nil {
            let snapshot = try ConfigLoader(environment: ProcessInfo.processInfo.environment, allowUnknownKeys: true).load(policy)
            return .routes(Dictionary(snapshot.routes.map { ($0.id, $0.access.policies) }) { first, _ in first })
        }
        report = DiagnosticReport()
        if let document = PolicyDocument.parse(text, file: policy, report: &report),
            CompiledPolicy(document, catalog: .standard, report: &report) != nil
        {
            return .document(document)
        }
        throw DiagnosticError(report)
    }
}
