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

    /// As ``outcome``; a request that the Model Context Protocol would answer in its own form is told so where the answer would be `forbidden`.
    public func outcome(mcp: RequestFacts.MCP?) -> PolicyOutcome {
        guard let mcp, outcome == .forbidden else { return outcome }
        return mcp.method.isEmpty ? .mcpUnauthorized : .mcpError
    }

    /// The codes that explain ``outcome``: those of the side that decided it.
    public var decisiveReasons: ReasonSet {
        switch outcome {
        case .allowed: allowReasons
        case .login, .deviceEnrollment: allowReasons.union(denyReasons)
        case .clientCertificate, .deviceUnauthorized, .notFound, .forbidden, .mcpError, .mcpUnauthorized:
            deny || allowReasons.isEmpty ? denyReasons : allowReasons
        }
    }
}

/// What is to be done with a request: a function of the verdict, and of the protocol that the answer is written in.
public enum PolicyOutcome: String, Sendable, Hashable, CaseIterable, Codable {
    case allowed
    /// Sign in, or say 401 to a client that cannot.
    case login
    /// Register a device.
    case deviceEnrollment = "device_enrollment"
    /// The device is known and not good enough (450).
    case deviceUnauthorized = "device_unauthorized"
    /// A valid client certificate is missing (495).
    case clientCertificate = "client_certificate"
    /// 403
    case forbidden
    /// 404
    case notFound = "not_found"
    /// A refused call of the Model Context Protocol: 200 with a JSON-RPC error.
    case mcpError = "mcp_error"
    /// A refused request without a method on a route of the Model Context Protocol: 401 that names where to get a token.
    case mcpUnauthorized = "mcp_unauthorized"

    /// The order, first match wins; codes decide, not values alone:
    ///
    /// 1. the deny side names a missing or invalid client certificate, even where the rule did not deny;
    /// 2. any side names a missing session, even where a rule allows or denies;
    /// 3. any side names a missing device;
    /// 4. a deny rule is fulfilled: refused with the codes of the deny side;
    /// 5. allowed;
    /// 6. refused with the codes of the allow side.
    public init(_ verdict: PolicyVerdict) {
        let certificate: ReasonSet = [.clientCertificateRequired, .invalidClientCertificate]
        let both = verdict.allowReasons.union(verdict.denyReasons)
        if !verdict.denyReasons.isDisjoint(with: certificate) {
            self = .clientCertificate
        } else if both.contains(.userUnauthenticated) {
            self = .login
        } else if both.contains(.deviceUnauthenticated) {
            self = .deviceEnrollment
        } else if verdict.deny {
            self = Self.denial(verdict.denyReasons)
        } else if verdict.allow {
            self = .allowed
        } else {
            self = Self.denial(verdict.allowReasons)
        }
    }

    private static func denial(_ reasons: ReasonSet) -> PolicyOutcome {
        if reasons.contains(.deviceUnauthorized) { return .deviceUnauthorized }
        if reasons.contains(.routeNotFound) { return .notFound }
        if !reasons.isDisjoint(with: [.clientCertificateRequired, .invalidClientCertificate]) { return .clientCertificate }
        return .forbidden
    }
}
