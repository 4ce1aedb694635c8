import Diagnostics
public import PolicyLanguage
public import ProxyConfig
public import Routing

/// What the lints look at: the snapshot, and the text that it was made from.
public struct LintSubject: Sendable {
    public let settings: Settings
    public let authenticateURL: AbsoluteURL
    /// In list order, without those that cannot be served.
    public let routes: [LintedRoute]
    /// Keys of the document's top level in lower case.
    public let entries: [String: PositionedValue.Entry]
    /// For changes to it; nil where everything comes from the environment.
    public let text: SourceText?
    public let now: UnixTime
    /// Groups that the installation has seen; nil where nobody looked.
    public let knownGroups: Set<String>?

    public init(_ snapshot: ConfigSnapshot, document: PositionedValue?, text: SourceText?, now: UnixTime, knownGroups: Set<String>?) {
        settings = snapshot.settings
        authenticateURL = snapshot.authenticateURL
        let entries = Dictionary((document?.mapping ?? []).map { ($0.key.lowercased(), $0) }) { first, _ in first }
        self.entries = entries
        self.text = text
        self.now = now
        self.knownGroups = knownGroups
        let elements = ["policy", "routes"].flatMap { entries[$0]?.value.sequence ?? [] }
        let byPosition = Dictionary(elements.map { ($0.position, $0) }) { first, _ in first }
        routes = snapshot.routes.compactMap { route in
            if case .unavailable = route.destination { return nil }
            return LintedRoute(route, entries: route.definition.position.flatMap { byPosition[$0]?.mapping } ?? [])
        }
    }
}

/// A route with the keys that it was written in.
public struct LintedRoute: Sendable {
    public let compiled: CompiledRoute
    /// Keys in lower case; empty where the route does not stand in the file.
    public let entries: [String: PositionedValue.Entry]

    public var definition: RouteDefinition { compiled.definition }
    public var from: RouteSource { compiled.from }

    init(_ compiled: CompiledRoute, entries: [PositionedValue.Entry]) {
        self.compiled = compiled
        self.entries = Dictionary(entries.filter { !$0.value.isNull }.map { ($0.key.lowercased(), $0) }) { first, _ in first }
    }

    /// Of the key, or of the route.
    func position(of key: String) -> SourcePosition? { entries[key]?.keyPosition ?? definition.position }

    /// Of the key's value, or of the route.
    func valuePosition(of key: String) -> SourcePosition? { entries[key]?.value.position ?? definition.position }

    /// Whether anybody at all is let in by an option beside `policy`.
    var isOpenedByOptions: Bool {
        definition.allowPublicUnauthenticatedAccess || definition.allowAnyAuthenticatedUser || !definition.allowedUsers.isEmpty
            || !definition.allowedDomains.isEmpty || definition.allowedIDPClaims.contains { !$0.values.isEmpty }
    }
}
