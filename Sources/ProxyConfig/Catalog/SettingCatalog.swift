import Diagnostics

/// A part of the reference: settings that belong together.
struct SettingGroup: Sendable {
    var title: String
    var settings: [Setting]
}

/// The global keys. A new one is one line in its group.
struct SettingCatalog: Sendable {
    let groups: [SettingGroup]
    private let byKey: [String: Setting]

    init(_ groups: [SettingGroup]) {
        self.groups = groups
        byKey = Dictionary(groups.flatMap(\.settings).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(key: String) -> Setting? { byKey[key] }

    var settings: [Setting] { groups.flatMap(\.settings) }

    /// What an unknown key was probably meant to be.
    func suggestion(for key: String) -> String? {
        let usable = settings.filter { if case .removed = $0.support { false } else { true } }
        return Suggestion.nearest(to: key.lowercased(), in: usable.map(\.key))
    }

    static let standard = SettingCatalog([
        .listeners,
        .secrets,
        .cookies,
        .certificates,
        .serviceAddresses,
        .storage,
        .identityProvider,
        .identityForwarding,
        .headersAndPaths,
        .timeouts,
        .upstreamNames,
        .logging,
        .decisionLog,
        .telemetry,
        .switches,
        .furtherProtocols,
        .routeLists,
        .policyTests,
        .removed,
    ])
}
