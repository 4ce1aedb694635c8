import Diagnostics
import PolicyLanguage

/// `ssh_username`: a string matcher over the user name that the SSH client asks for. Outside of SSH the name is empty.
struct SSHUsernameCriterion: Criterion {
    static let name = "ssh_username"
    static let summary = "the requested SSH user name"
    static let dependencies: PolicyDependencies = .ssh

    private let matcher: StringMatcher

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let matcher = StringMatcher(source.data, report: &report) else { return nil }
        self.matcher = matcher
    }

    var wanted: String { matcher.description }

    func seen(_ facts: RequestFacts) -> String { facts.ssh.map { "\"\($0.username)\"" } ?? "no SSH session" }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        .choose(matcher.matches(facts.ssh?.username ?? .empty), .sshUsernameOK, .sshUsernameUnauthorized)
    }
}
