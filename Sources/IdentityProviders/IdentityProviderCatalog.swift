public import Records

/// Every provider that `idp_provider` may name.
public enum IdentityProviderCatalog {
    /// One line per provider.
    private static let makers:
        [(name: String, make: @Sendable (IdentityProviderSettings, any HTTPTransport, WallClock) throws -> any IdentityProvider)] = [
            ("oidc", { try OIDCProvider(profile: .generic, settings: $0, transport: $1, clock: $2) }),
            ("google", { try OIDCProvider(profile: .google, settings: $0, transport: $1, clock: $2) }),
            ("azure", { try OIDCProvider(profile: .azure, settings: $0, transport: $1, clock: $2) }),
            ("okta", { try OIDCProvider(profile: .okta, settings: $0, transport: $1, clock: $2) }),
            ("github", { try GitHubProvider(settings: $0, transport: $1, clock: $2) }),
        ]

    public static var names: [String] { makers.map(\.name) }

    /// Throws ``IdentityProviderError/unknownProvider(_:)`` or ``IdentityProviderError/incompleteSettings(_:)``; asks nobody yet.
    public static func make(
        _ settings: IdentityProviderSettings, transport: any HTTPTransport, clock: WallClock = .system
    ) throws -> any IdentityProvider {
        guard let maker = makers.first(where: { $0.name == settings.provider }) else {
            throw IdentityProviderError.unknownProvider(settings.provider)
        }
        return try maker.make(settings, transport, clock)
    }
}
