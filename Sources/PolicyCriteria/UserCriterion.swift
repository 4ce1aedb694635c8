import Diagnostics
import PolicyLanguage

/// `user`: a string matcher over the session's user id.
struct UserCriterion: IdentityCriterion {
    static let name = "user"
    static let summary = "the user's id"

    private let matcher: StringMatcher

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let matcher = StringMatcher(source.data, report: &report) else { return nil }
        self.matcher = matcher
    }

    var wanted: String { matcher.description }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String { "\"\(principal.userID)\"" }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        .choose(matcher.matches(principal.userIDText), .userOK, .userUnauthorized)
    }
}
