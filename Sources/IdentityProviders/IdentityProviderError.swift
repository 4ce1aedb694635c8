/// Why an identity provider could not vouch for somebody. Texts are for operators and for the error page; they hold no secrets.
public enum IdentityProviderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The code or refresh token does not count (any more): too old, used already, revoked. Signing in again heals it.
    case grantRefused(code: String, description: String)
    /// The ID token was made for another sign-in. Signing in again heals it.
    case nonceMismatch
    /// No connection, no answer in time, or a server error at the provider.
    case unreachable(String)
    /// The provider refuses this client or this request (RFC 6749 section 5.2), which an operator must settle.
    case refused(code: String, description: String)
    /// A token that does not prove what it should.
    case untrustworthyToken(String)
    /// The provider's answers do not fit its own description, or the configuration.
    case misconfigured(String)
    /// The settings name a provider that there is none of.
    case unknownProvider(String)
    /// The settings lack what this provider needs.
    case incompleteSettings(String)

    public var description: String {
        switch self {
        case .grantRefused(let code, let description): Self.joined("the identity provider refused the code: \(code)", description)
        case .nonceMismatch: "the ID token belongs to another sign-in"
        case .unreachable(let why): "the identity provider cannot be reached: \(why)"
        case .refused(let code, let description): Self.joined("the identity provider refused the request: \(code)", description)
        case .untrustworthyToken(let why): "the identity provider's token cannot be trusted: \(why)"
        case .misconfigured(let why): "the identity provider is not configured correctly: \(why)"
        case .unknownProvider(let name): "identity: unknown provider: \(name)"
        case .incompleteSettings(let why): "identity: \(why)"
        }
    }

    private static func joined(_ text: String, _ description: String) -> String {
        description.isEmpty ? text : "\(text) (\(description.prefix(200)))"
    }
}
