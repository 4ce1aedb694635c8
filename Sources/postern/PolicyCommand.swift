import ArgumentParser

/// `postern policy`: what policies would decide.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "See what policies would decide.", subcommands: [PolicyReplayCommand.self, PolicyShadowCommand.self])
}
