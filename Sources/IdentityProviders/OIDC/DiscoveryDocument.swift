/// What an OpenID provider says about itself (OpenID Connect Discovery 1.0 section 3), as far as it is used here.
struct DiscoveryDocument: Sendable, Equatable {
    var issuer: String
    var authorizationEndpoint: String
    var tokenEndpoint: String
    var jwksURI: String
    var userinfoEndpoint: String?
    var revocationEndpoint: String?
    var endSessionEndpoint: String?
    /// Empty where the provider is silent, which means `client_secret_basic`.
    var tokenEndpointAuthMethods: [String]

    /// Every endpoint must be https, unless the provider itself was configured with http.
    init(_ members: [String: JSONValue], configuredURL: String, checksIssuer: Bool) throws {
        let plainAllowed = configuredURL.hasPrefix("http://")
        func endpoint(_ name: String) throws -> String? {
            guard let url = members[name]?.text, !url.isEmpty else { return nil }
            guard url.hasPrefix("https://") || (plainAllowed && url.hasPrefix("http://")), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw IdentityProviderError.misconfigured("\(name) is not an https URL: \(url.prefix(200))")
            }
            return url
        }
        func required(_ name: String) throws -> String {
            guard let url = try endpoint(name) else { throw IdentityProviderError.misconfigured("its description lacks \(name)") }
            return url
        }
        guard let issuer = members["issuer"]?.text else { throw IdentityProviderError.misconfigured("its description lacks issuer") }
        if checksIssuer, Self.withoutFinalSlash(issuer) != Self.withoutFinalSlash(configuredURL) {
            throw IdentityProviderError.misconfigured("it calls itself \(issuer.prefix(200)), but idp_provider_url is \(configuredURL)")
        }
        self.issuer = issuer
        authorizationEndpoint = try required("authorization_endpoint")
        tokenEndpoint = try required("token_endpoint")
        jwksURI = try required("jwks_uri")
        userinfoEndpoint = try endpoint("userinfo_endpoint")
        revocationEndpoint = try endpoint("revocation_endpoint")
        endSessionEndpoint = try endpoint("end_session_endpoint")
        tokenEndpointAuthMethods = members["token_endpoint_auth_methods_supported"]?.texts ?? []
    }

    static func withoutFinalSlash(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
