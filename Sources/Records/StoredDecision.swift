/// One decision as it is kept, so that it can be explained and made again later.
public struct StoredDecision: Sendable, Equatable {
    /// The request's id, as on its error page and in its log lines.
    public var id: String
    /// Nanoseconds since 1970.
    public var time: Int64
    public var routeID: String
    public var routeName: String
    /// Empty without a session.
    public var userID: String
    public var email: String
    /// The outcome of the policy, such as `forbidden`.
    public var outcome: String
    public var isAllowed: Bool
    /// HTTP status of the answer; 0 where the application answered.
    public var status: Int
    /// The first of the decisive reason codes.
    public var reason: String
    public var method: String
    public var host: String
    public var path: String
    /// The configuration in force.
    public var configurationHash: String
    /// Which ``StoredPolicy`` decided.
    public var policyID: String
    /// `file:line:column` of the policy, or of the route where it has none.
    public var position: String
    /// Everything that the policy could see, as JSON; empty where it was too large to keep.
    public var facts: String

    public init(
        id: String, time: Int64, routeID: String, routeName: String, userID: String, email: String, outcome: String, isAllowed: Bool, status: Int,
        reason: String, method: String, host: String, path: String, configurationHash: String, policyID: String, position: String, facts: String
    ) {
        self.id = id
        self.time = time
        self.routeID = routeID
        self.routeName = routeName
        self.userID = userID
        self.email = email
        self.outcome = outcome
        self.isAllowed = isAllowed
        self.status = status
        self.reason = reason
        self.method = method
        self.host = host
        self.path = path
        self.configurationHash = configurationHash
        self.policyID = policyID
        self.position = position
        self.facts = facts
    }

    public var isSignedIn: Bool { !userID.isEmpty || !email.isEmpty }
}

/// The policies of a route at one time; kept once for all decisions made by them.
public struct StoredPolicy: Sendable, Equatable {
    /// A digest of ``text``.
    public var id: String
    /// Opaque to the store.
    public var text: String

    public init(id: String, text: String) {
        self.id = id
        self.text = text
    }
}

/// Somebody for whom a shadow policy would change something.
public struct ShadowFinding: Sendable, Equatable {
    public enum Change: String, Sendable, Equatable, CaseIterable {
        /// Refused today, allowed by the shadow.
        case gains
        /// Allowed today, refused by the shadow.
        case loses
    }

    public var routeID: String
    public var routeName: String
    /// Which shadow; findings of an earlier one are forgotten.
    public var policyID: String
    public var change: Change
    /// Both empty for visitors without a session.
    public var userID: String
    public var email: String
    /// Nanoseconds since 1970.
    public var firstSeen: Int64
    public var lastSeen: Int64
    public var count: Int
    /// One of the requests.
    public var sampleRequestID: String
    /// Method and path of it.
    public var sampleRequest: String

    public init(
        routeID: String, routeName: String, policyID: String, change: Change, userID: String, email: String, firstSeen: Int64, lastSeen: Int64,
        count: Int, sampleRequestID: String, sampleRequest: String
    ) {
        self.routeID = routeID
        self.routeName = routeName
        self.policyID = policyID
        self.change = change
        self.userID = userID
        self.email = email
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.count = count
        self.sampleRequestID = sampleRequestID
        self.sampleRequest = sampleRequest
    }
}

/// Which decisions to list. A nil matches all.
public struct DecisionFilter: Sendable, Equatable {
    /// Nanoseconds since 1970, inclusive.
    public var since: Int64?
    /// Id or name of a route.
    public var route: String?
    /// Id or e-mail of a user.
    public var user: String?
    public var outcome: String?
    public var limit: Int
    /// Matches passed over, for reading in parts.
    public var offset = 0
    /// Oldest first, for replay; else newest first.
    public var isAscending: Bool

    public init(
        since: Int64? = nil, route: String? = nil, user: String? = nil, outcome: String? = nil, limit: Int = 100, isAscending: Bool = false
    ) {
        self.since = since
        self.route = route
        self.user = user
        self.outcome = outcome
        self.limit = limit
        self.isAscending = isAscending
    }
}
