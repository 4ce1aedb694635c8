import Diagnostics
import PolicyLanguage

/// `source_ip`: the client's address is in one of the addresses or CIDR blocks. An address that could not be determined is in none.
struct SourceIPCriterion: Criterion {
    static let name = "source_ip"
    static let summary = "the client's address"
    static let dependencies: PolicyDependencies = .clientAddress

    private let ranges: [IPRange]

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let texts = StringsReader.strings(in: source.data, report: &report) else { return nil }
        var ranges: [IPRange] = []
        for (text, position) in texts {
            guard let range = IPRange(text) else {
                report.error("invalid-address", "expected IP or CIDR range, got: \"\(text)\"", at: position)
                continue
            }
            ranges.append(range)
        }
        guard ranges.count == texts.count else { return nil }
        self.ranges = ranges
    }

    var wanted: String { ranges.isEmpty ? "no address" : ranges.map(\.description).joined(separator: ", ") }

    func seen(_ facts: RequestFacts) -> String { facts.clientAddress?.description ?? "an unknown address" }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        guard let address = facts.clientAddress else { return CriterionResult(.unfulfilled, .sourceIPUnauthorized) }
        for range in ranges where range.contains(address) { return CriterionResult(.fulfilled, .sourceIPOK) }
        return CriterionResult(.unfulfilled, .sourceIPUnauthorized)
    }
}
