public import PolicyLanguage
public import Records
public import Routing

/// How often a shadow policy came to the same, and how often somebody would have gained or lost access.
public struct ShadowCounts: Sendable, Equatable {
    public var same: UInt64 = 0
    public var gains: UInt64 = 0
    public var loses: UInt64 = 0

    public init() {}

    mutating func add(_ other: ShadowCounts) {
        same &+= other.same
        gains &+= other.gains
        loses &+= other.loses
    }
}

/// A request that a shadow policy would have decided otherwise.
public struct ShadowChange: Sendable {
    public var route: CompiledRoute
    public var change: ShadowFinding.Change
    public var principal: Principal?
    public var requestID: RequestID
    public var method: FactText
    public var path: FactText
    public var time: UnixTime
    /// As ``DecidedRequest/linesMoved``.
    public var linesMoved: Int

    init(_ route: CompiledRoute, _ linesMoved: Int, _ change: ShadowFinding.Change, _ facts: RequestFacts, _ requestID: RequestID) {
        self.route = route
        self.linesMoved = linesMoved
        self.change = change
        self.requestID = requestID
        principal = facts.principal
        // Copies: these live longer than the request, and its bytes may be many.
        method = FactText(facts.method.slice(0..<32).description)
        path = FactText(facts.path.slice(0..<256).description)
        time = facts.now
    }
}

/// What one event loop has counted for one route.
struct ShadowTally: Sendable {
    var route: CompiledRoute
    var counts = ShadowCounts()
}

/// The comparisons of one event loop between two hand-overs. After the first request of a route, one that comes to the same allocates nothing.
struct ShadowTallies {
    /// People whose access would change, between two hand-overs; more are only counted.
    static let capacity = 256

    private(set) var tallies: [ShadowTally] = []
    private(set) var changes: [ShadowChange] = []
    private var indices: [ObjectIdentifier: Int] = [:]

    var isEmpty: Bool { tallies.allSatisfy { $0.counts == ShadowCounts() } }

    mutating func compare(_ route: CompiledRoute, _ facts: RequestFacts, isAllowed: Bool, requestID: RequestID, linesMoved: Int) {
        let wouldAllow = PolicyEvaluator.evaluate(route.access.shadow, facts).outcome == .allowed
        let index = index(of: route)
        if wouldAllow == isAllowed {
            tallies[index].counts.same &+= 1
            return
        }
        if wouldAllow { tallies[index].counts.gains &+= 1 } else { tallies[index].counts.loses &+= 1 }
        guard changes.count < Self.capacity else { return }
        changes.append(ShadowChange(route, linesMoved, wouldAllow ? .gains : .loses, facts, requestID))
    }

    /// Keeps the routes, so that they need no room anew.
    mutating func reset() {
        changes.removeAll(keepingCapacity: true)
        for index in tallies.indices { tallies[index].counts = ShadowCounts() }
    }

    private mutating func index(of route: CompiledRoute) -> Int {
        if let known = indices[ObjectIdentifier(route)] { return known }
        indices[ObjectIdentifier(route)] = tallies.count
        tallies.append(ShadowTally(route: route))
        return tallies.count - 1
    }
}
