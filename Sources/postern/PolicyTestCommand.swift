import ArgumentParser
import Diagnostics
import Foundation
import PolicyLanguage
import ProxyConfig
import Routing

/// `postern policy test FILE`: the tests of a configuration.
struct PolicyTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run the tests of a configuration; exit status 1 if one fails.")

    @Argument(help: "The configuration file.")
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let now = PolicyMoment.now
        let results: [PolicyTestResult]
        do {
            let loader = ConfigLoader(
                environment: ProcessInfo.processInfo.environment, allowUnknownKeys: options.allowUnknownKeys, runsTests: false)
            results = PolicyTestRunner.run(try loader.load(file), now: now)
        } catch {
            StandardStreams.error(error.report.rendered())
            throw ExitCode(1)
        }
        let failed = results.count { !$0.passed }
        if json {
            let report = Report(tests: results.map(Report.Test.init), passed: results.count - failed, failed: failed)
            StandardStreams.out(try PolicyJSON.text(report))
        } else {
            for result in results { StandardStreams.out(Self.text(result)) }
            StandardStreams.out("\(results.count) \(results.count == 1 ? "test" : "tests"), \(failed) failed\n")
        }
        guard failed == 0 else { throw ExitCode(1) }
    }

    private static func text(_ result: PolicyTestResult) -> String {
        guard !result.passed else { return "ok      \(result.test.name)\n" }
        let decision = result.finding.decision
        var lines = ["FAILED  \(result.test.name)", "        at \(result.test.position)"]
        lines.append("        - expected \(result.test.expectation.word)" + codes(result.test.reasons.map(\.rawValue)))
        lines.append("        + got      \(decision.outcome.rawValue)" + codes(decision.reasons))
        if result.isServedElsewhere { lines.append("        another route serves this request") }
        lines += PolicyFindingText.lines(result.finding).map { "        " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func codes(_ codes: [String]) -> String { codes.isEmpty ? "" : " (\(codes.joined(separator: ", ")))" }

    /// What `--json` prints.
    struct Report: Encodable {
        struct Expected: Encodable {
            var outcome: String
            var reasons: [String]
        }

        struct Test: Encodable {
            var name: String
            var position: String
            var passed: Bool
            var expected: Expected
            var route: String?
            var note: String?
            var decision: PolicyDecision

            init(_ result: PolicyTestResult) {
                name = result.test.name
                position = "\(result.test.position)"
                passed = result.passed
                expected = Expected(outcome: result.test.expectation.word, reasons: result.test.reasons.map(\.rawValue))
                route = result.finding.route?.name
                note = result.isServedElsewhere ? "another route serves this request" : result.finding.note
                decision = result.finding.decision
            }
        }

        var tests: [Test]
        var passed: Int
        var failed: Int
    }
}
