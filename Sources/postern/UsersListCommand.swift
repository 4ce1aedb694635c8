import ArgumentParser
import IdentityProviders
import Records

struct UsersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the users, one a line: e-mail, groups, name.")

    @OptionGroup var directory: UserDirectoryOptions

    func run() async throws {
        try await directory.withDirectory { directory in
            for user in try await directory.list() {
                StandardStreams.out("\(user.email)\t\(user.groups.joined(separator: ","))\t\(user.name)\n")
            }
        }
    }
}
