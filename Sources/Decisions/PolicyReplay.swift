import Diagnostics
import PolicyCriteria
public import PolicyLanguage
public import Records

/// Makes kept decisions again with another policy, and gathers who would gain or lose access.
public struct PolicyReplay {
    /// The policy to try.
    public enum Candidate: Sendable {
        /// In the place of `policy` of every route; the route's other access options stay.
        case document(PolicyDocument)
        /// The complete policies by route id; decisions of other routes are passed over.
        case routes([String: [CompiledPolicy]])
    }

    /// People kept; more are only counted.
    static let capacity = 10_000

    private struct Key: Hashable {
        var routeID: String
        var change: ShadowFinding.Change
        var userID: String
        var email: String
    }

    public private(set) var counts = ShadowCounts()
    /// Decisions that were kept of allowed requests.
    public private(set) var allowed = 0
    /// Why decisions could not be made again, and how many.
    public private(set) var skipped: [String: Int] = [:]
    private let candidate: Candidate
    private var found: [Key: ShadowFinding] = [:]
    private var compiled: [String: [CompiledPolicy]] = [:]

    public init(_ candidate: Candidate) {
        self.candidate = candidate
    }

    /// Those who lose first, by route and time.
    public var findings: [ShadowFinding] {
        found.values.sorted {
            ($0.routeName, $0.routeID, $0.change == .loses ? 0 : 1, $1.lastSeen, $0.email) < (
                $1.routeName, $1.routeID, $1.change == .loses ? 0 : 1, $0.lastSeen, $1.email
            )
        }
    }

    /// `policy` answers for the id of a kept policy.
    public mutating func add(_ decision: StoredDecision, policy: (String) async throws -> StoredPolicy?) async rethrows {
        var policies = known(decision)
        if policies == nil, case .document(let document) = candidate {
            policies = Self.options(try await policy(decision.policyID)).map { $0 + Self.compile(document) }
            compiled[decision.policyID] = policies
        }
        guard let policies else {
            let why: String =
                if case .routes = candidate { "the new configuration has no such route" } else { "the policy of the time is no longer kept" }
            skipped[why, default: 0] += 1
            return
        }
        do throws(DecisionProblem) {
            let facts = try decision.readFacts()
            count(decision, isAllowed: PolicyEvaluator.evaluate(policies, facts).outcome == .allowed)
        } catch {
            skipped[error.text, default: 0] += 1
        }
    }

    private func known(_ decision: StoredDecision) -> [CompiledPolicy]? {
        switch candidate {
        case .routes(let routes): routes[decision.routeID]
        case .document: compiled[decision.policyID]
        }
    }

    /// The rules that a route's options stood for at the time.
    private static func options(_ policy: StoredPolicy?) -> [CompiledPolicy]? {
        guard let sources = policy.flatMap({ PolicySet($0) })?.sources.filter({ $0.label == PolicySet.optionsLabel }) else { return nil }
        return try? DecisionExplanation.compile(sources)
    }

    /// A document that does not compile was refused before.
    private static func compile(_ document: PolicyDocument) -> [CompiledPolicy] {
        var report = DiagnosticReport()
        return CompiledPolicy(document, catalog: .standard, report: &report).map { [$0] } ?? []
    }

    private mutating func count(_ decision: StoredDecision, isAllowed: Bool) {
        if decision.isAllowed { allowed += 1 }
        guard isAllowed != decision.isAllowed else {
            counts.same &+= 1
            return
        }
        let change: ShadowFinding.Change = isAllowed ? .gains : .loses
        if isAllowed { counts.gains &+= 1 } else { counts.loses &+= 1 }
        let key = Key(routeID: decision.routeID, change: change, userID: decision.userID, email: decision.email)
        if var finding = found[key] {
            finding.count += 1
            finding.firstSeen = min(finding.firstSeen, decision.time)
            finding.lastSeen = max(finding.lastSeen, decision.time)
            found[key] = finding
        } else if found.count < Self.capacity {
            found[key] = ShadowFinding(
                routeID: decision.routeID, routeName: decision.routeName, policyID: "", change: change, userID: decision.userID,
                email: decision.email,
                firstSeen: decision.time, lastSeen: decision.time, count: 1, sampleRequestID: decision.id,
                sampleRequest: "\(decision.method) \(decision.path)")
        }
    }
}
