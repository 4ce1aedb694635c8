/// How one OpenID provider differs from the next. Everything else is ``OIDCProvider``.
struct OIDCProfile: Sendable {
    /// Name in the catalog.
    var name: String
    /// Nil where `idp_provider_url` must be given.
    var defaultURL: String?
    var defaultScopes: [String] = ["openid", "profile", "email", "offline_access"]
    /// Parameters of the authorization request; `idp_request_params` takes their place as a whole.
    var defaultRequestParameters: [String: String] = [:]
    /// False where the description names a placeholder for its issuer; the ID token is checked against it all the same.
    var checksIssuer = true
    /// Claim that is the person's stable key.
    var subjectClaim = "sub"
    /// False where the session may outlive an access token that nothing can refresh.
    var sessionEndsWithAccessToken = true
}
