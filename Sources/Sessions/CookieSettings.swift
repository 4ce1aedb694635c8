public import HTTPEndpoints

/// How cookies look: `cookie_name`, `cookie_domain`, `cookie_expire`, `cookie_http_only`, `cookie_same_site`.
public struct CookieSettings: Sendable, Equatable {
    /// `cookie_name`; default `_pomerium`.
    public var baseName: String
    /// `cookie_domain`; nil binds every cookie to its host.
    public var domain: String?
    /// `cookie_expire` in seconds; default 14 hours.
    public var lifetime: Int64
    public var httpOnly: Bool
    public var sameSite: ResponseCookie.SameSite

    public init(
        baseName: String = "_pomerium", domain: String? = nil, lifetime: Int64 = 14 * 3600, httpOnly: Bool = true,
        sameSite: ResponseCookie.SameSite = .lax
    ) {
        self.baseName = baseName
        self.domain = domain
        self.lifetime = lifetime
        self.httpOnly = httpOnly
        self.sameSite = sameSite
    }

    /// Session cookie of route hosts. With the `__Host-` prefix browsers refuse it from a parent domain or without `Secure`.
    public var sessionName: String { domain == nil ? "__Host-\(baseName)" : baseName }
    /// Session cookie of the authenticate host; always bound to that host.
    public var authenticateName: String { "__Host-\(baseName)_authenticate" }
    /// Binds the sign-in attempts of a browser to it, on route hosts.
    public var browserName: String { "__Host-\(baseName)_browser" }
    /// One per sign-in attempt on the authenticate host; the attempt's id follows.
    public var attemptPrefix: String { "__Host-\(baseName)_attempt_" }
    /// Single sign-on cookie of the embedded identity provider.
    public var providerName: String { "__Host-\(baseName)_idp" }
    /// Proof against forged form posts.
    public var formName: String { "__Host-\(baseName)_form" }

    /// Cookies that must never reach an application, exactly these names; ``attemptPrefix`` marks further ones.
    public var ownNames: [String] {
        [baseName, "__Host-\(baseName)", "\(baseName)_authenticate", authenticateName, browserName, providerName, formName]
    }

    /// What a session handle is bound to on this host.
    public func scope(host: String) -> String {
        domain.map { "domain:\($0)" } ?? "host:\(host)"
    }

    public func sessionCookie(value: String, maxAge: Int64) -> ResponseCookie {
        ResponseCookie(name: sessionName, value: value, maxAge: maxAge, domain: domain, httpOnly: httpOnly, sameSite: sameSite)
    }

    public func sessionRemoval() -> ResponseCookie {
        .removal(of: sessionName, domain: domain, sameSite: sameSite)
    }
}
