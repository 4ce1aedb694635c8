import ArgumentParser
import Diagnostics
import Foundation
import ServerRuntime

/// `postern run`: the server.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run the proxy.")

    @Option(help: "The configuration file. Without one, environment variables and defaults count.")
    var config: String?

    @Flag(help: "Take the listening sockets over from the process that serves the same data directory, which then finishes its requests and ends.")
    var takeOver = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var storage: DataDirectoryOptions

    func run() async throws {
        let source = ConfigSource(
            path: config, environment: ProcessInfo.processInfo.environment, allowUnknownKeys: options.allowUnknownKeys)
        let server = PosternServer(
            PosternServer.Options(source: source, dataDirectory: storage.dataDir, version: ProductVersion.text, takesOver: takeOver),
            announce: { StandardStreams.out($0) }, warn: { StandardStreams.error($0.rendered()) })
        do {
            try await server.run()
        } catch let error as DiagnosticError {
            StandardStreams.error(error.report.rendered())
            throw ExitCode(1)
        }
    }
}
