import Diagnostics
import PolicyLanguage

/// `accept: true`: always fulfilled, whatever its data (also `false`, as documents in the field expect).
struct AcceptCriterion: Criterion {
    static let name = "accept"
    static let summary = "always passes"
    static let dependencies: PolicyDependencies = []

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        if source.data.bool == false {
            report.warning("ignored-data", "accept passes whatever its value", at: source.data.position, help: "to refuse, write reject")
        }
    }

    var wanted: String { "anything" }
    var constant: Bool? { true }

    func seen(_ facts: RequestFacts) -> String { "a request" }

    func evaluate(_ facts: RequestFacts) -> CriterionResult { CriterionResult(.fulfilled, .accept) }
}
