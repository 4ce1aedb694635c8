public import PolicyLanguage
public import Routing

/// A decision as the event loop knows it: references to what is there anyway, nothing made for it.
public struct DecidedRequest: Sendable {
    public var requestID: RequestID
    public var route: CompiledRoute
    public var facts: RequestFacts
    public var verdict: PolicyVerdict
    /// HTTP status of the answer; 0 where the application answers.
    public var status: Int
    /// The configuration in force.
    public var configurationHash: String
    /// The lines by which the route stands further down in it than where it was compiled.
    public var linesMoved: Int
    /// Bytes that it keeps from being freed.
    public var size: Int

    public init(
        requestID: RequestID, route: CompiledRoute, facts: RequestFacts, verdict: PolicyVerdict, status: Int, configurationHash: String,
        linesMoved: Int = 0, size: Int
    ) {
        self.requestID = requestID
        self.route = route
        self.facts = facts
        self.verdict = verdict
        self.status = status
        self.configurationHash = configurationHash
        self.linesMoved = linesMoved
        self.size = size
    }
}
