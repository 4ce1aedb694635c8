extension OIDCProfile {
    /// Any OpenID provider: Keycloak, Dex, Authentik, Zitadel, …
    static let generic = OIDCProfile(name: "oidc")
}
