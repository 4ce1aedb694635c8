import ArgumentParser
import BrokerStorage
import Decisions
import Diagnostics
import Records

/// `postern explain REQUEST_ID`: why a request was refused.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell why a request was refused: rule by rule, what was wanted and what was seen.")

    @Argument(help: "The request id, as on the error page and in X-Request-Id.")
    var requestID: String

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var options: DecisionArchiveOptions

    func run() async throws {
        let id = requestID.lowercased()
        try await options.withArchive { archive in
            guard let decision = try await archive.decision(id: id) else {
                throw DiagnosticError(
                    Diagnostic(
                        code: "unknown-decision", "no decision about the request \(id) is kept",
                        help: """
                            refusals are kept for decision_log_retention, allowed requests only with decision_log_allowed; what was answered before a \
                            policy was asked (400, 404 without a route, 503) is in the access log alone
                            """))
            }
            let explanation = DecisionExplanation(decision, policy: try await archive.policy(id: decision.policyID))
            StandardStreams.out(json ? explanation.json : explanation.text)
        }
    }
}
