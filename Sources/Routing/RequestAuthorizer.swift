public import HTTPWire
public import PolicyLanguage

/// Decides requests on one event loop; not shared with other loops.
///
/// `authorize` never waits. What it cannot know (a session that is not in memory yet) it asks the caller to load, in async code, and to
/// come back with.
public protocol RequestAuthorizer: AnyObject {
    func authorize(_ request: AuthorizationRequest, loaded: (any LoadedSession)?) -> AuthorizationStep

    /// Grows when permits that were given may no longer hold.
    var epoch: UInt64 { get }

    /// Whether the session behind a permit still lives, for exchanges that go on for long. `now` in nanoseconds since 1970.
    func check(_ permit: Permit, now: Int64) -> PermitCheck

    /// Whether the person behind a permit may still do what they do, by the policy of the request's route as it is now.
    func reconsider(_ permit: Permit, for request: AuthorizationRequest) -> PermitCheck

    /// Passes on what it has gathered about its decisions. Called several times a second, and before it is let go.
    func handOver()
}

extension RequestAuthorizer {
    public func reconsider(_ permit: Permit, for request: AuthorizationRequest) -> PermitCheck { .holds }
    public func handOver() {}
}

public enum PermitCheck: Sendable {
    case holds
    /// It is over.
    case over
    /// Ask, in async code: false means that it is over.
    case ask(@Sendable () async -> Bool)
}

/// What the decision may look at. Cheap to make: arrays are shared, not copied.
public struct AuthorizationRequest: Sendable {
    public var route: CompiledRoute
    public var head: RequestHead
    /// Host name in lower case, without port.
    public var host: ByteView
    /// Normalised path, percent-encoded, without query.
    public var path: ByteView
    public var clientAddress: IPAddress
    public var requestID: RequestID
    /// Nanoseconds since 1970.
    public var now: Int64

    public init(
        route: CompiledRoute, head: RequestHead, host: ByteView, path: ByteView, clientAddress: IPAddress, requestID: RequestID, now: Int64
    ) {
        self.route = route
        self.head = head
        self.host = host
        self.path = path
        self.clientAddress = clientAddress
        self.requestID = requestID
        self.now = now
    }
}

public enum AuthorizationStep: Sendable {
    case decided(AuthorizationOutcome)
    /// Run `load` in async code and call `authorize` again with what it returns.
    case load(@Sendable () async -> any LoadedSession)
}

/// What came of loading a session; opaque to everybody but the authorizer.
public protocol LoadedSession: Sendable {}

public enum AuthorizationOutcome: Sendable {
    case permit(Permit)
    /// A denial, a redirect to sign-in, or a storage fault.
    case respond(LocalResponse)
}

/// Proof that a request was decided in favour. Only with one can an upstream be dialled.
///
/// A class, as the requests of one session for one route share theirs, and it passes through many hands.
public final class Permit: Sendable {
    public let route: CompiledRoute
    /// Serialised identity lines (`X-Pomerium-Jwt-Assertion: …\r\n` and claim headers); shared by the requests of a session.
    public let identityLines: [UInt8]
    /// Values of the templates in `set_request_headers`, made by the authorizer where a route has any.
    public let templateLines: [UInt8]
    /// Cookie names that must not reach the application.
    public let ownCookies: CookieNames
    /// For the access log.
    public let sessionID: String?
    public let userID: String?
    public let email: String?

    public init(
        route: CompiledRoute, identityLines: [UInt8], templateLines: [UInt8], ownCookies: CookieNames, sessionID: String?,
        userID: String?, email: String?
    ) {
        self.route = route
        self.identityLines = identityLines
        self.templateLines = templateLines
        self.ownCookies = ownCookies
        self.sessionID = sessionID
        self.userID = userID
        self.email = email
    }

    /// The same permit with the templates of one request.
    public convenience init(_ permit: Permit, templateLines: [UInt8]) {
        self.init(
            route: permit.route, identityLines: permit.identityLines, templateLines: templateLines, ownCookies: permit.ownCookies,
            sessionID: permit.sessionID, userID: permit.userID, email: permit.email)
    }
}

/// An answer that the product gives instead of the application.
public struct LocalResponse: Sendable {
    public var status: Int
    /// Name and value pairs; framing and request id are added by the data plane.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// `response-code-details` of the access log.
    public var detail: String
    /// For the access log, where known.
    public var userID: String?
    public var email: String?
    public var sessionID: String?

    public init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], detail: String, userID: String? = nil,
        email: String? = nil, sessionID: String? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.detail = detail
        self.userID = userID
        self.email = email
        self.sessionID = sessionID
    }
}
