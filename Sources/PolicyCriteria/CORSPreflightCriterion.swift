import Diagnostics
import PolicyLanguage

/// `cors_preflight`: an OPTIONS request with `Origin` and `Access-Control-Request-Method` (Fetch standard, CORS-preflight request). The data is ignored.
struct CORSPreflightCriterion: Criterion {
    static let name = "cors_preflight"
    static let summary = "a CORS preflight request"
    static let dependencies: PolicyDependencies = [.method, .headers]

    private static let options: FactText = "OPTIONS"
    private static let origin: FactText = "Origin"
    private static let requestMethod: FactText = "Access-Control-Request-Method"

    init() {}

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {}

    var wanted: String { "OPTIONS with Origin and Access-Control-Request-Method" }

    func seen(_ facts: RequestFacts) -> String {
        let present = [Self.origin, Self.requestMethod].filter { holds($0, facts) }.map(\.description)
        return "\"\(facts.method)\"" + (present.isEmpty ? "" : " with " + present.joined(separator: " and "))
    }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        // Headers are searched only for OPTIONS.
        .choose(
            facts.method == Self.options && holds(Self.requestMethod, facts) && holds(Self.origin, facts), .corsRequest, .nonCORSRequest)
    }

    private func holds(_ header: FactText, _ facts: RequestFacts) -> Bool {
        facts.headers.value(header).map { !$0.isEmpty } ?? false
    }
}
