import Diagnostics
import PolicyLanguage

/// `http_path`: a string matcher over the normalised, percent-decoded path without its query.
struct HTTPPathCriterion: Criterion {
    static let name = "http_path"
    static let summary = "the request's path"
    static let dependencies: PolicyDependencies = .path

    private let matcher: StringMatcher

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let matcher = StringMatcher(source.data, report: &report) else { return nil }
        self.matcher = matcher
    }

    var wanted: String { matcher.description }

    func seen(_ facts: RequestFacts) -> String { "\"\(facts.path)\"" }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        .choose(matcher.matches(facts.path), .httpPathOK, .httpPathUnauthorized)
    }
}
