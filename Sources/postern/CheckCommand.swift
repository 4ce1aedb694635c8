import ArgumentParser
import Diagnostics
import Foundation
import ProxyConfig

/// `postern check FILE`: everything that is wrong with a configuration, in one go.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Report every problem of a configuration; exit status 1 if there is an error.")

    @Argument(help: "The configuration file.")
    var file: String

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        do {
            let snapshot = try ConfigLoader(
                environment: ProcessInfo.processInfo.environment, allowUnknownKeys: options.allowUnknownKeys
            ).load(file)
            StandardStreams.error(snapshot.report.rendered())
            StandardStreams.out("\(file): ok, \(snapshot.routes.count) \(snapshot.routes.count == 1 ? "route" : "routes")\n")
        } catch {
            StandardStreams.error(error.report.rendered())
            throw ExitCode(1)
        }
    }
}
