import ArgumentParser
import BrokerStorage
import Diagnostics
import Foundation
import ProxyConfig
import ServerRuntime

/// Opens the decisions that a server keeps, for reading, also while it runs.
struct DecisionArchiveOptions: ParsableArguments {
    @Option(help: "The configuration file; only its data_dir counts here.")
    var config: String?

    @OptionGroup var storage: DataDirectoryOptions

    /// Runs `body`, and turns every error into a message with exit status 1.
    func withArchive(_ body: (DecisionArchive) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        try await CommandFailure.reported {
            let settings = try config.map { try ConfigLoader(environment: environment, allowUnknownKeys: true).load($0).settings }
            let directory = DataDirectory.choose(flag: storage.dataDir, configured: settings?.dataDir, environment: environment)
            guard let archive = try DecisionArchive.openExisting(directory: directory.path) else {
                throw DiagnosticError(
                    Diagnostic(
                        code: "no-decisions", "no decisions are kept in \(directory.path)",
                        help: "name the server's configuration with --config, or its data directory with --data-dir"))
            }
            defer { archive.close() }
            try await body(archive)
        }
    }
}
