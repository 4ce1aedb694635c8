import Diagnostics
import PolicyLanguage

/// `ssh_username_matches_claim: name`: the requested SSH user name is among the texts of a claim.
struct SSHUsernameMatchesClaimCriterion: IdentityCriterion {
    static let name = "ssh_username_matches_claim"
    static let summary = "the requested SSH user name is among the values of a claim"
    static let dependencies: PolicyDependencies = [.identity, .ssh]

    private let claim: String

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let claim = source.data.string, !claim.isEmpty else {
            report.error("invalid-value", "expected string value, got: \(source.data.parserTypeName)", at: source.data.position)
            return nil
        }
        self.claim = claim
    }

    var wanted: String { "a value of the claim \(claim)" }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String {
        "\"\(facts.ssh?.username ?? .empty)\" for [" + (principal.claims[claim] ?? []).map(\.description).joined(separator: ", ") + "]"
    }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        guard let username = facts.ssh?.username, !username.isEmpty else { return CriterionResult(.unfulfilled, .sshUsernameUnauthorized) }
        let matches = principal.claims[claim]?.contains { value in
            if case .string(let text) = value { username == text } else { false }
        }
        return .choose(matches ?? false, .sshUsernameOK, .sshUsernameUnauthorized)
    }
}
