import Diagnostics
import PolicyLanguage

/// `domain`: a string matcher over what follows the last `@` of the e-mail, compared without ASCII case. Without an `@` nothing passes, not even `not`.
struct DomainCriterion: IdentityCriterion {
    static let name = "domain"
    static let summary = "the domain of the user's e-mail address"

    private let matcher: StringMatcher

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let matcher = StringMatcher(source.data, foldingCase: true, report: &report) else { return nil }
        self.matcher = matcher
    }

    var wanted: String { matcher.description }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String { principal.domainText.map { "\"\($0)\"" } ?? "no domain" }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        guard let domain = principal.domainText else { return CriterionResult(.unfulfilled, .domainUnauthorized) }
        return .choose(matcher.matches(domain), .domainOK, .domainUnauthorized)
    }
}
