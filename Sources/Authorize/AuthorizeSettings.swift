public import Decisions
public import KeyMaterial
public import LocalReplies
public import Routing
public import Sessions

/// What of the configuration the authorizer needs; immutable, one per snapshot.
public struct AuthorizeSettings: Sendable {
    /// Host of `authenticate_service_url`, with its port where that is not 443.
    public var authenticateAuthority: String
    public var cookies: CookieSettings
    /// Provider that sessions must come from.
    public var providerID: String
    /// Newest first; the first one signs.
    public var signingKeys: [SigningKey]
    public var keys: KeyRing
    public var renderer: LocalReplyRenderer
    public var logFields: [DecisionLogField]
    /// Where decisions are kept; nil keeps none.
    public var decisions: DecisionRecorder?

    public init(
        authenticateAuthority: String, cookies: CookieSettings, providerID: String, signingKeys: [SigningKey], keys: KeyRing,
        renderer: LocalReplyRenderer, logFields: [DecisionLogField] = DecisionLogField.defaults, decisions: DecisionRecorder? = nil
    ) {
        self.authenticateAuthority = authenticateAuthority
        self.cookies = cookies
        self.providerID = providerID
        self.signingKeys = signingKeys
        self.keys = keys
        self.renderer = renderer
        self.logFields = logFields
        self.decisions = decisions
    }
}

/// Which decisions are kept, and where they go.
public struct DecisionRecorder: Sendable {
    public var queue: DecisionQueue
    /// Keep those that refuse a request.
    public var keepsRefused: Bool
    /// Keep those that let a request through, too.
    public var keepsAllowed: Bool
    public var configurationHash: String
    /// Where the routes stand in that configuration.
    public var places: RoutePlaces

    public init(
        queue: DecisionQueue, keepsRefused: Bool = true, keepsAllowed: Bool, configurationHash: String, places: RoutePlaces = RoutePlaces()
    ) {
        self.queue = queue
        self.keepsRefused = keepsRefused
        self.keepsAllowed = keepsAllowed
        self.configurationHash = configurationHash
        self.places = places
    }
}
