public import HTTPEndpoints
import KeyMaterial
import Sessions

/// Sends a browser to be signed in, so that it comes back to where it wanted to go.
public struct SignInRedirector: Sendable {
    private let settings: AuthorizeSettings

    public init(_ settings: AuthorizeSettings) {
        self.settings = settings
    }

    public struct Step: Sendable {
        public var location: String
        /// Binds the sign-in to this browser; only where it has none yet, so that parallel tabs keep theirs.
        public var cookie: ResponseCookie?
    }

    /// `authority` is the host with port as the client wrote it, `target` the path with query to come back to,
    /// `browserCookie` the value of `CookieSettings.browserName`.
    public func step(authority: String, target: String, browserCookie: String?, switchesUser: Bool = false) throws -> Step {
        let known = browserCookie.flatMap { Self.isPlausible($0) ? $0 : nil }
        let browser = known ?? RandomToken.text(bytes: 16)
        let request = SignInRequest(
            redirectURL: "https://\(authority)\(target)", callbackAuthority: authority, browserDigest: RandomToken.digest(browser),
            providerID: settings.providerID, switchesUser: switchesUser ? true : nil)
        let location = try SignInLocation.url(
            for: request, authenticateAuthority: settings.authenticateAuthority, keys: settings.keys)
        let cookie = known == nil ? ResponseCookie(name: settings.cookies.browserName, value: browser, maxAge: Self.browserLifetime) : nil
        return Step(location: location, cookie: cookie)
    }

    /// A year: the value names a browser, not a person, and grants nothing by itself.
    static let browserLifetime: Int64 = 365 * 86400

    /// As we make them: 22 characters of base64url.
    private static func isPlausible(_ value: String) -> Bool {
        value.utf8.count == 22 && Base64URL.decode(value) != nil
    }
}
