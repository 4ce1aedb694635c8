public import Diagnostics
public import Routing

/// Finds routes that no request can reach because an earlier one takes everything they match.
///
/// Only what is certain is reported: two different expressions are never compared. The work grows with the number of routes and the length of
/// their paths, not with the number of pairs.
public enum RouteOverlap {
    public static func check(_ routes: [RouteDefinition], _ report: inout DiagnosticReport) {
        var hosts: [HostPattern: Seen] = [:]
        var broadWildcards: [RouteDefinition] = []
        for route in routes {
            guard let from = route.from else { continue }
            if let earlier = hosts[from.host]?.covering(route.path) {
                warn(route, behind: earlier, &report)
            } else if from.host.isWildcard, let earlier = broadWildcards.first(where: { $0.from?.host.covers(from.host) ?? false }) {
                warn(route, behind: earlier, &report)
            }
            hosts[from.host, default: Seen()].add(route)
            if from.host.isWildcard, route.path.matchesEverything, broadWildcards.count < 256 { broadWildcards.append(route) }
        }
    }

    private static func warn(_ route: RouteDefinition, behind earlier: RouteDefinition, _ report: inout DiagnosticReport) {
        let place = earlier.position.map { " (\($0))" } ?? ""
        let same = route.path.isSame(as: earlier.path) && route.from?.host == earlier.from?.host
        report.warning(
            same ? "duplicate-route" : "shadowed-route",
            "route \(route.label) is never reached: route \(earlier.label)\(place) \(same ? "matches the same" : "takes all it matches")",
            at: route.position, help: "the first match in the list wins, so put the narrower route first")
    }

    /// The routes of one host so far; of several with one match the first.
    private struct Seen {
        private var everything: RouteDefinition?
        private var exact: [[UInt8]: RouteDefinition] = [:]
        private var prefixes: [[UInt8]: RouteDefinition] = [:]
        private var prefixLengths: Set<Int> = []
        private var expressions: [String: RouteDefinition] = [:]

        func covering(_ path: PathMatcher) -> RouteDefinition? {
            if let everything { return everything }
            switch path {
            case .any: return nil
            case .exact(let bytes): return exact[bytes] ?? prefix(of: bytes)
            case .prefix(let bytes): return prefix(of: bytes)
            case .regex(let expression): return expressions[expression.pattern]
            }
        }

        private func prefix(of bytes: [UInt8]) -> RouteDefinition? {
            for length in prefixLengths.sorted() where length <= bytes.count {
                if let found = prefixes[Array(bytes.prefix(length))] { return found }
            }
            return nil
        }

        mutating func add(_ route: RouteDefinition) {
            if route.path.matchesEverything {
                everything = everything ?? route
                return
            }
            switch route.path {
            case .any: break
            case .exact(let bytes): exact[bytes] = exact[bytes] ?? route
            case .prefix(let bytes):
                prefixes[bytes] = prefixes[bytes] ?? route
                prefixLengths.insert(bytes.count)
            case .regex(let expression): expressions[expression.pattern] = expressions[expression.pattern] ?? route
            }
        }
    }
}

extension PathMatcher {
    /// Every path begins with a slash.
    fileprivate var matchesEverything: Bool {
        switch self {
        case .any: true
        case .prefix(let bytes): bytes == [UInt8(ascii: "/")]
        case .exact, .regex: false
        }
    }

    fileprivate func isSame(as other: PathMatcher) -> Bool {
        switch (self, other) {
        case (.exact(let left), .exact(let right)), (.prefix(let left), .prefix(let right)): left == right
        case (.regex(let left), .regex(let right)): left.pattern == right.pattern
        default: matchesEverything && other.matchesEverything
        }
    }
}

extension RouteDefinition {
    /// What messages call the route: its name, or the origin and the path it matches.
    public var label: String {
        if let name { return name }
        let origin = from?.text ?? "without from"
        switch path {
        case .any: return origin
        case .exact(let bytes): return "\(origin) path \(String(decoding: bytes, as: UTF8.self))"
        case .prefix(let bytes): return "\(origin) prefix \(String(decoding: bytes, as: UTF8.self))"
        case .regex(let expression): return "\(origin) regex \(expression.pattern)"
        }
    }
}
