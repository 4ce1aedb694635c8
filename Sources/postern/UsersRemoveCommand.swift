import ArgumentParser
import IdentityProviders

struct UsersRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a user and end their sessions at once.")

    @Argument(help: "The e-mail address.")
    var email: String

    @OptionGroup var directory: UserDirectoryOptions

    func run() async throws {
        try await directory.withDirectory { directory in
            guard try await directory.remove(email: email) else {
                StandardStreams.error("error: there is no user \(email)\n  help: see postern users list\n")
                throw ExitCode(1)
            }
            StandardStreams.out("removed \(LocalUserDirectory.normalized(email))\n")
        }
    }
}
