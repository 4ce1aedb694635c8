import ArgumentParser
import IdentityProviders

struct UsersSetPasswordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-password", abstract: "Set a user's password and end their sessions at once.")

    @Argument(help: "The e-mail address.")
    var email: String

    @OptionGroup var password: PasswordOptions
    @OptionGroup var directory: UserDirectoryOptions

    func run() async throws {
        let password = try password.read()
        try await directory.withDirectory { directory in
            try await directory.setPassword(email: email, password: password)
            StandardStreams.out("changed the password of \(LocalUserDirectory.normalized(email))\n")
        }
    }
}
