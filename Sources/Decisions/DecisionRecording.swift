import Diagnostics
import Foundation
import KeyMaterial
import PolicyCriteria
public import PolicyLanguage
public import Records
import Routing

/// Turns decisions into what is kept of them. One per consumer of a ``DecisionQueue``; not for event loops.
public struct DecisionRecording {
    /// Facts of more bytes than this are left out.
    static let maximumFacts = 512 << 10

    /// A route at one place of its file.
    private struct PlacedRoute: Hashable {
        var route: ObjectIdentifier
        var linesMoved: Int
    }

    private var policies: [PlacedRoute: (route: CompiledRoute, policy: StoredPolicy)] = [:]

    private var shadows: [PlacedRoute: (route: CompiledRoute, id: String)] = [:]

    public init() {}

    /// The decisions with the policies that made them, each once.
    public mutating func stored(_ decisions: [DecidedRequest]) -> (decisions: [StoredDecision], policies: [StoredPolicy]) {
        var used: [String: StoredPolicy] = [:]
        let stored = decisions.map { decision in
            let policy = policy(of: decision.route, decision.linesMoved)
            used[policy.id] = policy
            return Self.stored(decision, policyID: policy.id)
        }
        return (stored, used.values.sorted { $0.id < $1.id })
    }

    /// The changes by shadow policies, one finding for each person and route.
    public mutating func findings(_ changes: [ShadowChange]) -> [ShadowFinding] {
        var findings: [String: ShadowFinding] = [:]
        for change in changes {
            let (route, principal) = (change.route, change.principal)
            let (userID, email) = (principal?.userID ?? "", principal?.emailText.description ?? "")
            let key = [route.id, change.change.rawValue, userID, email].joined(separator: "\0")
            if var known = findings[key] {
                known.count += 1
                known.firstSeen = min(known.firstSeen, change.time.nanoseconds)
                known.lastSeen = max(known.lastSeen, change.time.nanoseconds)
                findings[key] = known
            } else {
                findings[key] = ShadowFinding(
                    routeID: route.id, routeName: route.name, policyID: shadowID(of: route, change.linesMoved), change: change.change, userID: userID,
                    email: email,
                    firstSeen: change.time.nanoseconds, lastSeen: change.time.nanoseconds, count: 1, sampleRequestID: change.requestID.description,
                    sampleRequest: "\(change.method) \(change.path)")
            }
        }
        return findings.values.sorted { $0.firstSeen < $1.firstSeen }
    }

    private mutating func shadowID(of route: CompiledRoute, _ linesMoved: Int) -> String {
        let key = PlacedRoute(route: ObjectIdentifier(route), linesMoved: linesMoved)
        if let known = shadows[key] { return known.id }
        if shadows.count >= 1024 { shadows.removeAll() }
        let id = PolicySet(route.shadow(movedByLines: linesMoved)).stored.id
        shadows[key] = (route, id)
        return id
    }

    private mutating func policy(of route: CompiledRoute, _ linesMoved: Int) -> StoredPolicy {
        let key = PlacedRoute(route: ObjectIdentifier(route), linesMoved: linesMoved)
        if let known = policies[key] { return known.policy }
        // Routes of earlier configurations go with the rest.
        if policies.count >= 1024 { policies.removeAll() }
        let policy = PolicySet(route.policies(movedByLines: linesMoved)).stored
        policies[key] = (route, policy)
        return policy
    }

    private static func stored(_ decision: DecidedRequest, policyID: String) -> StoredDecision {
        let (facts, route) = (decision.facts, decision.route)
        let text = RequestFactsDocument.text(of: facts)
        let position = route.rulesPosition(movedByLines: decision.linesMoved)
        return StoredDecision(
            id: decision.requestID.description, time: facts.now.nanoseconds, routeID: route.id, routeName: route.name,
            userID: facts.principal?.userID ?? "", email: facts.principal?.emailText.description ?? "",
            outcome: decision.verdict.outcome.rawValue, isAllowed: decision.verdict.outcome == .allowed, status: decision.status,
            reason: decision.verdict.decisiveReasons.codes.first ?? "no-rule-allows", method: facts.method.slice(0..<64).description,
            host: facts.host.slice(0..<256).description, path: facts.path.slice(0..<1024).description,
            configurationHash: decision.configurationHash, policyID: policyID, position: position?.description ?? "",
            facts: text.utf8.count > maximumFacts ? "" : text)
    }
}

/// The policies of a route as they are kept.
public struct PolicySet: Sendable, Equatable {
    /// The label of the rules that a route's options stand for.
    public static let optionsLabel = "route options"

    public var sources: [PolicySource]

    public init(_ policies: [CompiledPolicy]) {
        sources = policies.filter { !$0.document.rules.isEmpty }.map { PolicySource($0) }
    }

    /// Nil if the text is none of a policy set.
    public init?(_ stored: StoredPolicy) {
        guard let sources = try? JSONDecoder().decode([PolicySource].self, from: Data(stored.text.utf8)) else { return nil }
        self.sources = sources
    }

    public var stored: StoredPolicy {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = (try? encoder.encode(sources)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
        return StoredPolicy(id: RandomToken.digest(text), text: text)
    }
}
