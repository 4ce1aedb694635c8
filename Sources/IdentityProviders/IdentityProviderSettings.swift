import KeyMaterial

/// What the operator says about an identity provider: the `idp_*` settings.
public struct IdentityProviderSettings: Sendable, Equatable {
    /// `idp_provider`: a name of ``IdentityProviderCatalog``.
    public var provider: String
    /// `idp_provider_url`; nil takes the provider's own default.
    public var url: String?
    /// `idp_client_id`.
    public var clientID: String
    /// `idp_client_secret`; empty for a public client.
    public var clientSecret: String
    /// `idp_scopes`; nil takes the provider's defaults.
    public var scopes: [String]?
    /// `idp_request_params`; nil takes the provider's defaults.
    public var requestParameters: [String: String]?

    /// Empty values count as not given.
    public init(
        provider: String, url: String? = nil, clientID: String, clientSecret: String, scopes: [String]? = nil,
        requestParameters: [String: String]? = nil
    ) {
        self.provider = provider
        self.url = url.flatMap { $0.isEmpty ? nil : $0 }
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scopes = scopes.flatMap { $0.isEmpty ? nil : $0 }
        self.requestParameters = requestParameters.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The same for the same provider, address and client, whatever else changes: sessions name their provider by it.
    public var providerID: String {
        let fields = [provider, url ?? "", clientID].map { "\($0.utf8.count):\($0)" }
        return String(RandomToken.digest(fields.joined()).prefix(22))
    }
}
