import Diagnostics
import PolicyLanguage

/// `ssh_username_matches_email: true`: the requested SSH user name is what precedes the `@` of the e-mail, and not empty. The data is ignored.
struct SSHUsernameMatchesEmailCriterion: IdentityCriterion {
    static let name = "ssh_username_matches_email"
    static let summary = "the requested SSH user name is the local part of the user's e-mail address"
    static let dependencies: PolicyDependencies = [.identity, .ssh]

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {}

    var wanted: String { "the local part of the e-mail" }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String {
        "\"\(facts.ssh?.username ?? .empty)\" for \"\(principal.emailText)\""
    }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        guard let mailbox = principal.mailboxText, let ssh = facts.ssh else { return CriterionResult(.unfulfilled, .sshUsernameUnauthorized) }
        return .choose(mailbox == ssh.username, .sshUsernameOK, .sshUsernameUnauthorized)
    }
}
