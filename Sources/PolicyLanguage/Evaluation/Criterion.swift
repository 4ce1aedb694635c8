public import Diagnostics

/// Whether one criterion holds for one request.
///
/// `unknown` is what an identity criterion says without a session. It counts as false, whatever its matcher would make of missing data, and its code
/// `user-unauthenticated` leads to sign-in even where the criterion is inverted (`not`, `nor`), so nobody is let in by it.
public enum CriterionState: String, Sendable, Codable {
    case fulfilled, unfulfilled, unknown
}

/// A criterion's answer with the code that logs and outcomes are made of.
public struct CriterionResult: Sendable, Equatable {
    public var state: CriterionState
    public var reason: Reason

    public init(_ state: CriterionState, _ reason: Reason) {
        self.state = state
        self.reason = reason
    }

    /// `passed` decides between the two codes.
    public static func choose(_ passed: Bool, _ ifTrue: Reason, _ ifFalse: Reason) -> CriterionResult {
        passed ? CriterionResult(.fulfilled, ifTrue) : CriterionResult(.unfulfilled, ifFalse)
    }

    /// The answer of an identity criterion to an anonymous request.
    public static let noSession = CriterionResult(.unknown, .userUnauthenticated)
}

/// What a criterion reads; lets a caller know how long, and for which other requests, a verdict holds.
public struct PolicyDependencies: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let identity = PolicyDependencies(rawValue: 1 << 0)
    public static let method = PolicyDependencies(rawValue: 1 << 1)
    public static let path = PolicyDependencies(rawValue: 1 << 2)
    public static let headers = PolicyDependencies(rawValue: 1 << 3)
    public static let clientAddress = PolicyDependencies(rawValue: 1 << 4)
    public static let clientCertificate = PolicyDependencies(rawValue: 1 << 5)
    /// The answer may change while nothing but the clock moves.
    public static let time = PolicyDependencies(rawValue: 1 << 6)
    public static let device = PolicyDependencies(rawValue: 1 << 7)
    public static let records = PolicyDependencies(rawValue: 1 << 8)
    public static let mcp = PolicyDependencies(rawValue: 1 << 9)
    public static let ssh = PolicyDependencies(rawValue: 1 << 10)
}

/// How policies are compiled.
public struct PolicyOptions: Sendable, Hashable {
    /// Compare e-mail addresses without ASCII case. Domains always compare so.
    public var emailIgnoresCase: Bool

    public init(emailIgnoresCase: Bool = false) {
        self.emailIgnoresCase = emailIgnoresCase
    }

    public static let standard = PolicyOptions()
}

/// One kind of test that a policy can make. A new one is a file with a type, a line in the catalog and a test.
///
/// Values are immutable and are made once, when a policy is compiled; `evaluate` runs on event loops, so it neither blocks nor, in the common case,
/// allocates.
public protocol Criterion: Sendable {
    /// The key in a policy.
    static var name: String { get }
    /// One phrase for reference and completion.
    static var summary: String { get }
    /// Whether it judges who is asking, so that it is `unknown` for an anonymous request.
    static var needsSession: Bool { get }
    /// What it reads of the facts.
    static var dependencies: PolicyDependencies { get }

    /// Reads the criterion's data. Each problem goes to `report` at its position; nil if there was an error.
    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport)

    /// Tests one request.
    func evaluate(_ facts: RequestFacts) -> CriterionResult

    /// What the request holds, for explanations.
    func seen(_ facts: RequestFacts) -> String
    /// What would pass, for explanations.
    var wanted: String { get }
    /// What it makes of every request alike; nil if that depends on the request.
    var constant: Bool? { get }
    /// The device type to be enrolled when it fails for want of a device.
    var deviceType: String? { get }
}

extension Criterion {
    public static var needsSession: Bool { false }
    public var constant: Bool? { nil }
    public var deviceType: String? { nil }
}

/// A criterion about who is asking. Without a session it is `unknown`, with the reason `user-unauthenticated`.
public protocol IdentityCriterion: Criterion {
    /// Tests a request whose session is present and unexpired.
    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult
    func seen(_ principal: Principal, _ facts: RequestFacts) -> String
}

extension IdentityCriterion {
    public static var needsSession: Bool { true }
    public static var dependencies: PolicyDependencies { .identity }

    public func evaluate(_ facts: RequestFacts) -> CriterionResult {
        guard let principal = facts.principal else { return .noSession }
        return evaluate(principal, facts)
    }

    public func seen(_ facts: RequestFacts) -> String {
        facts.principal.map { seen($0, facts) } ?? "no session"
    }
}
