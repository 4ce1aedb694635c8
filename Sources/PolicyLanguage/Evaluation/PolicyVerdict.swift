/// What the policies of a route say about one request.
public struct PolicyVerdict: Sendable, Hashable {
    public var allow: Bool
    public var deny: Bool
    public var allowReasons: ReasonSet
    public var denyReasons: ReasonSet

    public init(allow: Bool, deny: Bool, allowReasons: ReasonSet, denyReasons: ReasonSet) {
        self.allow = allow
        self.deny = deny
        self.allowReasons = allowReasons
        self.denyReasons = denyReasons
    }

    /// The verdict where no route matches.
    public static let routeNotFound = PolicyVerdict(allow: false, deny: true, allowReasons: [], denyReasons: [.routeNotFound])
    /// The verdict for a path of the proxy itself, which no policy guards.
    public static let controlRoute = PolicyVerdict(allow: true, deny: false, allowReasons: [.pomeriumRoute], denyReasons: [])
    /// The verdict for a path of the proxy itself that needs a session and has none.
    public static let controlRouteWithoutSession = PolicyVerdict(allow: false, deny: false, allowReasons: [.userUnauthenticated], denyReasons: [])

    public var outcome: PolicyOutcome { PolicyOutcome(self) }

    /// The codes that explain ``outcome``: those of the side that decided it.
    public var decisiveReasons: ReasonSet {
        switch outcome {
        case .allowed: allowReasons
        case .login, .deviceEnrollment: allowReasons.union(denyReasons)
        case .clientCertificate, .deviceUnauthorized, .notFound, .forbidden: deny || allowReasons.isEmpty ? denyReasons : allowReasons
        }
    }
}

/// What is to be done with a request: a function of the verdict alone.
public enum PolicyOutcome: String, Sendable, Hashable, CaseIterable, Codable {
    case allowed
    /// Sign in, or say 401 to a client that cannot.
    case login
    /// Register a device.
    case deviceEnrollment = "device-enrollment"
    /// The device is known and not good enough (450).
    case deviceUnauthorized = "device-unauthorized"
    /// A valid client certificate is missing (495).
    case clientCertificate = "client-certificate"
    /// 403
    case forbidden
    /// 404
    case notFound = "not-found"

    /// The order, first match wins:
    ///
    /// 1. the deny side names a missing or invalid client certificate, even where the rule did not deny;
    /// 2. a deny rule is fulfilled. Without a session only rules that need no identity can be, so nobody is sent to sign in just to be refused;
    /// 3. any side names a missing session;
    /// 4. any side names a missing device;
    /// 5. allowed;
    /// 6. refused with the codes of the allow side.
    public init(_ verdict: PolicyVerdict) {
        let certificate: ReasonSet = [.clientCertificateRequired, .invalidClientCertificate]
        let both = verdict.allowReasons.union(verdict.denyReasons)
        if !verdict.denyReasons.isDisjoint(with: certificate) {
            self = .clientCertificate
        } else if verdict.deny {
            self = Self.denial(verdict.denyReasons)
        } else if both.contains(.userUnauthenticated) {
            self = .login
        } else if both.contains(.deviceUnauthenticated) {
            self = .deviceEnrollment
        } else if verdict.allow {
            self = .allowed
        } else {
            self = Self.denial(verdict.allowReasons)
        }
    }

    private static func denial(_ reasons: ReasonSet) -> PolicyOutcome {
        if reasons.contains(.deviceUnauthenticated) { return .deviceEnrollment }
        if reasons.contains(.deviceUnauthorized) { return .deviceUnauthorized }
        if reasons.contains(.routeNotFound) { return .notFound }
        if !reasons.isDisjoint(with: [.clientCertificateRequired, .invalidClientCertificate]) { return .clientCertificate }
        return .forbidden
    }
}
