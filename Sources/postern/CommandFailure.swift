import ArgumentParser
import Diagnostics

/// How a subcommand ends whose work cannot be done.
enum CommandFailure {
    /// Runs `body`, and turns every error into a message with exit status 1. What the argument parser has words for stays as it is.
    static func reported(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as DiagnosticError {
            StandardStreams.error(error.report.rendered())
            throw ExitCode(1)
        } catch let error as ExitCode {
            throw error
        } catch let error as ValidationError {
            throw error
        } catch {
            StandardStreams.error("error: \(error)\n")
            throw ExitCode(1)
        }
    }
}
