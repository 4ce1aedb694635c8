import ArgumentParser

/// `postern policy`: what policies decide, without a server and with one.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Try policies out: judge one request, run tests, ask what somebody may do.",
        subcommands: [
            PolicyEvalCommand.self, PolicyTestCommand.self, PolicySimulateCommand.self, PolicyReplayCommand.self, PolicyShadowCommand.self,
        ])
}
