import ArgumentParser
import ConfigLints
import Diagnostics
import Foundation
import PolicyLanguage
import ProxyConfig

/// `postern check FILE`: everything that is wrong with a configuration, and what is likely not meant, in one go.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Report every problem of a configuration; exit status 1 if there is an error.")

    @Argument(help: "The configuration file.")
    var file: String

    @Option(help: "How to report: text, json or sarif (2.1.0). json and sarif go to standard output.")
    var format = CheckFormat.text

    @Flag(help: "Make warnings errors.")
    var strict = false

    @Option(
        name: .customLong("allow"), parsing: .singleValue, help: "A code that is not reported; may be given several times. Errors are reported still."
    )
    var allowed: [String] = []

    @Option(help: "Compare the groups of policies with the users and sessions of this data directory.")
    var dataDir: String?

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let loader = ConfigLoader(environment: ProcessInfo.processInfo.environment, allowUnknownKeys: options.allowUnknownKeys)
        let examination = loader.examine(file)
        var lints: [LintFinding] = []
        if let snapshot = examination.snapshot {
            let groups = try await dataDir.asyncMap { try await KnownGroups.read(dataDirectory: $0, snapshot.settings) }
            let now = UnixTime(seconds: Int64(Date().timeIntervalSince1970))
            lints = ConfigLinter(now: now, knownGroups: groups).findings(examination, path: file)
        }
        try refuseUnknownCodes(examination.report, lints)
        let report = CheckReport(loading: examination.report, lints: lints, allowed: Set(allowed), strict: strict)
        try tell(report, routes: examination.isAccepted ? examination.snapshot?.routes.count : nil)
    }

    private func tell(_ report: CheckReport, routes: Int?) throws {
        switch format {
        case .text:
            StandardStreams.error(report.text)
            if let routes, !report.hasErrors { StandardStreams.out("\(file): ok, \(routes) \(routes == 1 ? "route" : "routes")\n") }
        case .json: StandardStreams.out(try report.json(routes: routes))
        case .sarif:
            StandardStreams.out(try report.sarif(version: ProductVersion.text, directory: FileManager.default.currentDirectoryPath))
        }
        if report.hasErrors { throw ExitCode(1) }
    }

    /// A misspelt code would let everything through as before, and nobody would know why.
    private func refuseUnknownCodes(_ loading: DiagnosticReport, _ lints: [LintFinding]) throws {
        let known = Set(LintCatalog.standard.rules.map(\.code) + loading.diagnostics.map(\.code) + lints.map(\.diagnostic.code))
        for code in allowed where !known.contains(code) {
            let help = CheckReport.suggestion(forUnknown: code).map { "; did you mean \($0)?" } ?? ""
            throw ValidationError("--allow \(code): there is no such code\(help)")
        }
    }
}

enum CheckFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, sarif
}

extension Optional {
    fileprivate func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async throws -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}
