import Diagnostics
import PolicyLanguage

/// `authenticated_user: true`: a session with a user. The data is ignored.
struct AuthenticatedUserCriterion: IdentityCriterion {
    static let name = "authenticated_user"
    static let summary = "any signed-in user"

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {}

    var wanted: String { "a signed-in user" }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String { "user \"\(principal.userID)\"" }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        .choose(!principal.userIDText.isEmpty, .userOK, .userUnauthorized)
    }
}
