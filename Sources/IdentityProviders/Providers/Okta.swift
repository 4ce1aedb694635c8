extension OIDCProfile {
    /// Groups come as a claim once the authorization server at Okta is told to send them.
    static let okta = OIDCProfile(name: "okta")
}
