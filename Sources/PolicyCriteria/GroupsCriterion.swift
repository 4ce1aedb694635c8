import Diagnostics
import PolicyLanguage

/// `groups`: a string-list matcher over the group ids of the directory record. Without a record nothing passes, not even `exclude`.
struct GroupsCriterion: IdentityCriterion {
    static let name = "groups"
    static let summary = "the ids of the user's directory groups"

    private let matcher: StringListMatcher

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let matcher = StringListMatcher(source.data, report: &report) else { return nil }
        self.matcher = matcher
    }

    var wanted: String { matcher.description }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String {
        principal.groups.map { "[" + $0.map { "\"\($0)\"" }.joined(separator: ", ") + "]" } ?? "no directory record"
    }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        .choose(matcher.matchesGroups(of: principal), .groupsOK, .groupsUnauthorized)
    }
}
