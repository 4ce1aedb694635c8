import Diagnostics
import PolicyLanguage

/// `email`: a string matcher over the e-mail of the directory record, else of the user record; an unknown e-mail is an empty text.
struct EmailCriterion: IdentityCriterion {
    static let name = "email"
    static let summary = "the user's e-mail address"

    private let matcher: StringMatcher
    private let ignoresCase: Bool

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let matcher = StringMatcher(source.data, foldingCase: options.emailIgnoresCase, report: &report) else { return nil }
        self.matcher = matcher
        self.ignoresCase = options.emailIgnoresCase
    }

    var wanted: String { matcher.description }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String { "\"\(principal.emailText)\"" }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        .choose(matcher.matches(ignoresCase ? principal.foldedEmailText : principal.emailText), .emailOK, .emailUnauthorized)
    }
}
