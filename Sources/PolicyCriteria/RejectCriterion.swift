import Diagnostics
import PolicyLanguage

/// `reject: true`: never fulfilled, whatever its data.
struct RejectCriterion: Criterion {
    static let name = "reject"
    static let summary = "never passes"
    static let dependencies: PolicyDependencies = []

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        if source.data.bool == false {
            report.warning("ignored-data", "reject never passes, whatever its value", at: source.data.position, help: "to let pass, write accept")
        }
    }

    var wanted: String { "nothing" }
    var constant: Bool? { false }

    func seen(_ facts: RequestFacts) -> String { "a request" }

    func evaluate(_ facts: RequestFacts) -> CriterionResult { CriterionResult(.unfulfilled, .reject) }
}
