import Diagnostics
import PolicyLanguage

/// `http_method`: a string matcher over the request's method, which is case-sensitive (RFC 9110 section 9.1).
struct HTTPMethodCriterion: Criterion {
    static let name = "http_method"
    static let summary = "the request's method"
    static let dependencies: PolicyDependencies = .method

    private let matcher: StringMatcher

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let matcher = StringMatcher(source.data, report: &report) else { return nil }
        self.matcher = matcher
    }

    var wanted: String { matcher.description }

    func seen(_ facts: RequestFacts) -> String { "\"\(facts.method)\"" }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        .choose(matcher.matches(facts.method), .httpMethodOK, .httpMethodUnauthorized)
    }
}
