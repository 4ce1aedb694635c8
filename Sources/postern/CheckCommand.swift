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
        // Read once: a pipe gives its text to the first reader alone.
        let text = Result { try ConfigLoader.readLocalFile(file) }
        let path = file
        let loader = ConfigLoader(
            environment: ProcessInfo.processInfo.environment, allowUnknownKeys: options.allowUnknownKeys,
            readFile: { try $0 == path ? text.get() : ConfigLoader.readLocalFile($0) })
        var loading = DiagnosticReport()
        var snapshot: ConfigSnapshot?
        var routes: Int?
        do {
            let loaded = try loader.load(file)
            loading = loaded.report
            snapshot = loaded
            routes = loaded.routes.count
        } catch {
            loading = error.report
            // Where only some routes are wrong, the others can be looked at.
            snapshot = try? loader.loadTolerant(file)
        }
        var lints: [LintFinding] = []
        if let snapshot {
            let groups = try await dataDir.asyncMap { try await KnownGroups.read(dataDirectory: $0, snapshot.settings) }
            let now = UnixTime(seconds: Int64(Date().timeIntervalSince1970))
            lints = ConfigLinter(now: now, knownGroups: groups).findings(snapshot, text: try? text.get(), path: file)
        }
        try refuseUnknownCodes(loading, lints)
        try tell(CheckReport(loading: loading, lints: lints, allowed: Set(allowed), strict: strict), routes: routes)
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
