extension OIDCProfile {
    /// Google gives a refresh token only for `access_type=offline`, and again only with consent; it has no `offline_access` and no groups.
    static let google = OIDCProfile(
        name: "google", defaultURL: "https://accounts.google.com", defaultScopes: ["openid", "profile", "email"],
        defaultRequestParameters: ["prompt": "select_account consent", "access_type": "offline"])
}
