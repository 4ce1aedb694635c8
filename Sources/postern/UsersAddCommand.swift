import ArgumentParser
import IdentityProviders
import Records

struct UsersAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a user.")

    @Argument(help: "The e-mail address to sign in with.")
    var email: String

    @OptionGroup var password: PasswordOptions

    @Option(help: "Groups, separated by commas.")
    var groups: String = ""

    @Option(help: "The person's name.")
    var name: String = ""

    @OptionGroup var directory: UserDirectoryOptions

    func run() async throws {
        let password = try password.read()
        let groups = groups.split(separator: ",").map { String($0) }
        try await directory.withDirectory { directory in
            let user = try await directory.add(email: email, name: name, groups: groups, password: password)
            StandardStreams.out("added \(user.email)\n")
        }
    }
}
