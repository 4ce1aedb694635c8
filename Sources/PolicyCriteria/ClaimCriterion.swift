import Diagnostics
import PolicyLanguage

/// `claim/<name>`: a string-list matcher over the values of a claim.
///
/// The claim is looked up under its literal name, then, because nested claims are flattened with dots at sign-in, with `/` read as `.`. A claim that is
/// not there is an empty list.
struct ClaimCriterion: IdentityCriterion {
    static let name = "claim"
    static let summary = "a claim of the identity provider's token or user information"

    private let claim: String
    private let dotted: String?
    private let matcher: StringListMatcher

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        let claim = source.subPath ?? ""
        if claim.isEmpty {
            report.error("missing-sub-path", "claim needs the name of a claim", at: source.position, help: "write claim/name")
        }
        guard let matcher = StringListMatcher(source.data, report: &report), !claim.isEmpty else { return nil }
        self.claim = claim
        self.dotted = claim.contains("/") ? claim.split(separator: "/").joined(separator: ".") : nil
        self.matcher = matcher
    }

    var wanted: String { "\(claim) \(matcher.description)" }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String {
        "[" + values(of: principal).map(\.description).joined(separator: ", ") + "]"
    }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        .choose(matcher.matches(values(of: principal)), .claimOK, .claimUnauthorized)
    }

    private func values(of principal: Principal) -> [ClaimValue] {
        principal.claims[claim] ?? dotted.flatMap { principal.claims[$0] } ?? []
    }
}
