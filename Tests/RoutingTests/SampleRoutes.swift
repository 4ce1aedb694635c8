import HTTPWire
import PolicyLanguage

@testable import Routing

/// Routes made by hand, for what the table does with them.
enum SampleRoutes {
    static func definition(_ host: String, port: UInt16? = nil, path: PathMatcher = .any) -> RouteDefinition {
        var definition = RouteDefinition()
        definition.from = RouteSource(scheme: .https, host: HostPattern(host: host, port: port), text: "https://\(host)")
        definition.path = path
        definition.response = DirectResponse(status: 200, body: "")
        return definition
    }

    static func route(_ name: String, _ host: String, port: UInt16? = nil, path: PathMatcher = .any) -> CompiledRoute {
        let definition = definition(host, port: port, path: path)
        return CompiledRoute(
            id: RouteIdentifier.make(definition), name: name, definition: definition,
            from: RouteSource(scheme: .https, host: HostPattern(host: host, port: port), text: "https://\(host)"),
            destination: .response(DirectResponse(status: 200, body: "")),
            access: RouteAccess(policies: [], isPublic: false, showErrorDetails: false),
            identity: IdentityForwarding(passIdentityHeaders: false, issuerFormat: .hostOnly, claimHeaders: []),
            requestHeaders: RequestHeaderRules(filter: FieldFilter(), set: [], constantLines: []),
            responseHeaders: ResponseHeaderRules(filter: FieldFilter(), lines: [], rewrites: []), timeout: nil, idleTimeout: nil, upgrades: [])
    }

    static func prefix(_ text: String) -> PathMatcher { .prefix(Array(text.utf8)) }
    static func exact(_ text: String) -> PathMatcher { .exact(Array(text.utf8)) }
}
