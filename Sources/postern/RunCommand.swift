import ArgumentParser
import Diagnostics
import Foundation
import ProxyConfig
import ServerRuntime

/// `postern run`: the server.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run the proxy.")

    @Option(help: "The configuration file. Without one, environment variables and defaults count.")
    var config: String?

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var storage: DataDirectoryOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        do {
            let snapshot = try ConfigLoader(environment: environment, allowUnknownKeys: options.allowUnknownKeys).load(config)
            StandardStreams.error(snapshot.report.rendered())
            let directory = DataDirectory.choose(flag: storage.dataDir, configured: snapshot.settings.dataDir, environment: environment)
            try await PosternServer(snapshot: snapshot, directory: directory) { StandardStreams.out($0) }.run()
        } catch let error as DiagnosticError {
            StandardStreams.error(error.report.rendered())
            throw ExitCode(1)
        }
    }
}
