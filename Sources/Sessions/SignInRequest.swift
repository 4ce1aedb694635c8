public import KeyMaterial

/// What a route host asks of the authenticate host: "sign this browser in and send it back".
///
/// Travels sealed in the query of `https://AUTHENTICATE/.pomerium/sign_in?pomerium_request=…`. It never expires: an old one leads to a
/// new sign-in, not to an error. It grants nothing, so that is safe: the ticket that comes back is bound to the browser and short-lived.
public struct SignInRequest: Sendable, Codable, Equatable {
    /// Where the person wanted to go: https, a host of ours.
    public var redirectURL: String
    /// Host (with port, as the browser wrote it) whose `/.pomerium/callback/` gets the ticket.
    public var callbackAuthority: String
    /// `RandomToken.digest(_:)` of the browser cookie's value on the route host; the ticket must come back to that browser.
    public var browserDigest: String
    public var providerID: String
    /// How often this browser was sent round without success; a browser without cookies is told so instead of circling for ever.
    public var restarts: Int
    /// Set for programmatic sign-in (`/.pomerium/api/v1/login`): the whitelisted URL that gets `pomerium_jwt`.
    public var programmaticURL: String?
    /// Somebody else wants to sign in: whoever is signed in already is not taken for them, and the provider is asked for its form.
    public var switchesUser: Bool?

    enum CodingKeys: String, CodingKey {
        case redirectURL = "u"
        case callbackAuthority = "c"
        case browserDigest = "b"
        case providerID = "p"
        case restarts = "n"
        case programmaticURL = "g"
        case switchesUser = "w"
    }

    public static let parameter = "pomerium_request"
    /// Sent round this often, a browser evidently keeps no cookies.
    public static let maximumRestarts = 4
    /// Longer addresses are cut to the path's origin, so that the sealed form still fits into a request line everywhere.
    public static let maximumURLLength = 4096

    public init(
        redirectURL: String, callbackAuthority: String, browserDigest: String, providerID: String, restarts: Int = 0,
        programmaticURL: String? = nil, switchesUser: Bool? = nil
    ) {
        self.redirectURL = redirectURL
        self.callbackAuthority = callbackAuthority
        self.browserDigest = browserDigest
        self.providerID = providerID
        self.restarts = restarts
        self.programmaticURL = programmaticURL
        self.switchesUser = switchesUser
    }

    public func sealed(with keys: KeyRing) throws -> String {
        try keys.seal(json: self, for: .signInRequest)
    }

    public static func open(_ token: String, with keys: KeyRing) -> SignInRequest? {
        keys.open(SignInRequest.self, from: token, for: .signInRequest)
    }
}
