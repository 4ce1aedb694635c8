import ArgumentParser

/// One file per subcommand.
@main
struct Postern: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern",
        abstract: "An identity-aware access proxy: signs people in, decides every request by policy, tells the application who is there.",
        version: ProductVersion.text,
        subcommands: [RunCommand.self, CheckCommand.self, ExplainCommand.self, PolicyCommand.self, UsersCommand.self, DocsCommand.self])
}
