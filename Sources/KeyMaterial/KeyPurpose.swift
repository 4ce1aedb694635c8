/// What a derived key is for. Every purpose has a key of its own, so that a value made for one is worthless for another
/// (the lesson of CVE-2024-47616: one key, two kinds of token).
public enum KeyPurpose: String, Sendable, CaseIterable {
    /// The cookie that stands for a session.
    case sessionHandle = "session-handle"
    /// The request for sign-in that a route host hands to the authenticate host.
    case signInRequest = "sign-in-request"
    /// The `state` parameter on its way through an identity provider.
    case providerState = "provider-state"
    /// The answer of the authenticate host to a route host's callback.
    case callbackTicket = "callback-ticket"
    /// The request for sign-out that a route host hands to the authenticate host.
    case signOutRequest = "sign-out-request"
    /// Authorization codes of the embedded identity provider.
    case authorizationCode = "authorization-code"
    /// Access tokens of the embedded identity provider.
    case providerAccessToken = "provider-access-token"
    /// The single sign-on cookie of the embedded identity provider.
    case providerSession = "provider-session"
    /// Proof that a form was served by us to this browser.
    case formToken = "form-token"
    /// Client secret that the product uses towards its own embedded identity provider.
    case embeddedClientSecret = "embedded-client-secret"
    /// The key that signs assertions where the operator gave none.
    case assertionSigning = "assertion-signing"
    /// The key that signs ID tokens of the embedded identity provider.
    case providerSigning = "provider-signing"
}
