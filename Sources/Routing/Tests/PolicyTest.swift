public import Diagnostics
public import PolicyLanguage

/// What an operator expects of the configuration: as whom, which request, when, and what must come out.
///
/// Tests stand beside the policies and run on every load; a configuration whose test fails is not put in force.
public struct PolicyTest: Sendable {
    /// What must come out.
    public enum Expectation: Sendable, Equatable {
        case allow
        /// Refused for good: neither allowed nor sent to sign in.
        case deny
        case outcome(PolicyOutcome)

        public init?(_ word: String) {
            switch word {
            case "allow": self = .allow
            case "deny": self = .deny
            default:
                guard let outcome = PolicyOutcome(rawValue: word) else { return nil }
                self = .outcome(outcome)
            }
        }

        /// As it is written.
        public var word: String {
            switch self {
            case .allow: "allow"
            case .deny: "deny"
            case .outcome(let outcome): outcome.rawValue
            }
        }

        public static let words = ["allow", "deny"] + PolicyOutcome.allCases.map(\.rawValue)

        public func isMet(by outcome: PolicyOutcome) -> Bool {
            switch self {
            case .allow: outcome == .allowed
            case .deny: outcome != .allowed && outcome != .login
            case .outcome(let wanted): outcome == wanted
            }
        }
    }

    public struct Request: Sendable {
        /// An absolute URL; nil in a test beside a route, whose origin counts then.
        public var url: AbsoluteURL?
        /// With the query; of the route's origin, where there is no URL.
        public var path: String?
        public var method = "GET"
        public var address: IPAddress?
        public var headers: [(name: String, value: String)] = []

        public init() {}
    }

    public var name: String
    public var position: SourcePosition
    /// Nil: nobody is signed in.
    public var subject: Principal?
    public var request = Request()
    /// Nil: the moment of the load.
    public var moment: UnixTime?
    public var expectation = Expectation.allow
    /// Codes that must be among those of the decision.
    public var reasons: [Reason] = []

    public init(name: String, position: SourcePosition) {
        self.name = name
        self.position = position
    }
}
