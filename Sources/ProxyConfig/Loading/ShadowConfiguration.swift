import Diagnostics
import PolicyLanguage
import Routing

/// The policies of a candidate configuration (`shadow_config_file`) for the routes of the one in force.
struct ShadowConfiguration {
    private var byID: [String: CompiledRoute] = [:]
    private var byAddress: [String: CompiledRoute] = [:]

    init(_ candidate: ConfigSnapshot) {
        for route in candidate.routes {
            byID[route.id] = byID[route.id] ?? route
            byAddress[Self.address(of: route)] = byAddress[Self.address(of: route)] ?? route
        }
    }

    /// The route with the candidate's policies beside its own; the route as it is where both let the same people in, or the candidate has no such route.
    func watching(_ route: CompiledRoute) -> CompiledRoute {
        guard let other = byID[route.id] ?? byAddress[Self.address(of: route)], !other.hasSameAccess(as: route) else { return route }
        if case .unavailable = other.destination { return route }
        if case .unavailable = route.destination { return route }
        return route.watching(other.access.policies)
    }

    private static func address(of route: CompiledRoute) -> String {
        let path =
            switch route.definition.path {
            case .any: ""
            case .exact(let bytes): "path " + String(decoding: bytes, as: UTF8.self)
            case .prefix(let bytes): "prefix " + String(decoding: bytes, as: UTF8.self)
            case .regex(let regex): "regex " + regex.pattern
            }
        return "\(route.from.scheme.rawValue) \(route.from.host.text) \(route.from.host.port ?? 0) \(path)"
    }
}
