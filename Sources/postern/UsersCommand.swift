import ArgumentParser

/// `postern users`: the people of the embedded identity provider.
struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Manage the users of the embedded identity provider.",
        subcommands: [UsersAddCommand.self, UsersListCommand.self, UsersRemoveCommand.self, UsersSetPasswordCommand.self])
}
