import Diagnostics
import Foundation
import PolicyCriteria
public import PolicyLanguage
public import Records

/// A kept decision made again from its facts and its policy, criterion by criterion.
public struct DecisionExplanation: Sendable {
    public let decision: StoredDecision
    /// Nil where ``problem`` says why.
    public let explanation: PolicyExplanation?
    /// What would have to be otherwise for the request to be allowed; empty where it was.
    public let changes: [String]
    /// What stands in the way of an explanation, or makes it doubtful.
    public let problem: String?
    let sources: [PolicySource]

    /// `policy` is the one that `StoredDecision.policyID` names; nil where it is gone.
    public init(_ decision: StoredDecision, policy: StoredPolicy?) {
        self.decision = decision
        sources = policy.flatMap { PolicySet($0) }?.sources ?? []
        do throws(DecisionProblem) {
            guard policy != nil else { throw DecisionProblem("the policy that decided is no longer kept") }
            let facts = try decision.readFacts()
            let explanation = PolicyEvaluator.explain(try Self.compile(sources), facts)
            self.explanation = explanation
            changes = explanation.outcome == .allowed ? [] : explanation.changes
            let isSame = explanation.outcome.rawValue == decision.outcome
            problem = isSame ? nil : "made again from what was kept, the outcome is \(explanation.outcome.rawValue) and not \(decision.outcome)"
        } catch {
            explanation = nil
            changes = []
            problem = error.text
        }
    }

    static func compile(_ sources: [PolicySource]) throws(DecisionProblem) -> [CompiledPolicy] {
        var report = DiagnosticReport()
        let policies = sources.compactMap { $0.compile(catalog: .standard, report: &report) }
        guard policies.count == sources.count else { throw DecisionProblem("the kept policy cannot be read: \(report.rendered())") }
        return policies
    }
}

/// Why something kept cannot be used.
public struct DecisionProblem: Error, Sendable, CustomStringConvertible {
    public var text: String

    init(_ text: String) { self.text = text }

    public var description: String { text }
}

extension StoredDecision {
    /// What the policy saw.
    public func readFacts() throws(DecisionProblem) -> RequestFacts {
        guard !facts.isEmpty else { throw DecisionProblem("the facts of this request were too large to keep") }
        var report = DiagnosticReport()
        let read = RequestFactsDocument.parse(facts, file: "facts of \(id)", now: UnixTime(nanoseconds: time), report: &report)
        guard let read else { throw DecisionProblem("the kept facts cannot be read: \(report.rendered())") }
        return read
    }
}

extension PolicyExplanation {
    /// What would have to be otherwise for the request to be allowed.
    var changes: [String] {
        var changes: [String] = []
        for conditional in policies.flatMap(\.deny) where conditional.result {
            let holding = conditional.criteria.filter { ($0.result == .fulfilled) != conditional.conditional.isNegated }
            changes.append(
                "the deny rule at \(conditional.position) must not hold: \(Self.list(holding, isWanted: conditional.conditional.isNegated))")
        }
        if outcome == .login { changes.append("somebody must be signed in; the request had no session") }
        guard !allow else { return changes }
        let rules = policies.flatMap(\.allow)
        if rules.isEmpty { changes.append("the route needs a rule that allows; it has none") }
        for conditional in rules {
            let isNegated = conditional.conditional.isNegated
            let missing = conditional.criteria.filter { $0.result != (isNegated ? .unfulfilled : .fulfilled) }
            let count = conditional.conditional == .or || conditional.conditional == .nor ? "one of" : "all of"
            let lead = missing.count > 1 ? "\(count): " : ""
            changes.append(
                (rules.count > 1 ? "either " : "")
                    + "the allow rule at \(conditional.position) must hold: \(lead)\(Self.list(missing, isWanted: !isNegated))")
        }
        return changes
    }

    private static func list(_ criteria: [Criterion], isWanted: Bool) -> String {
        criteria.map { "\($0.criterion) (\($0.position)) must \(isWanted ? "" : "not ")be \($0.wanted), seen: \($0.seen)" }.joined(separator: "; ")
    }
}

extension PolicyDocument.Connective {
    /// `not` and `nor` look for criteria that do not hold.
    var isNegated: Bool { self == .not || self == .nor }
}
