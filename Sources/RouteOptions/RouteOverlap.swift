public import Diagnostics
public import Routing

/// Finds routes that no request can reach because an earlier one takes everything they match.
///
/// Only what is certain is reported: two different expressions are never compared. The work grows with the number of routes and the length of
/// their paths, not with the number of pairs.
public enum RouteOverlap {
    /// What a route matches.
    public struct Match: Sendable {
        var host: HostPattern?
        var path: PathMatcher

        /// The whole definition is not kept: with thousands of routes, copying them would be most of the work.
        public init(_ route: RouteDefinition) {
            host = route.from?.host
            path = route.path
        }
    }

    /// `definition` gives the route with an index, for the message about it.
    public static func check(_ matches: [Match], _ report: inout DiagnosticReport, definition: (Int) -> RouteDefinition) {
        // Most hosts have one route, which needs no more than its index.
        var first: [HostPattern: Int] = [:]
        first.reserveCapacity(matches.count)
        var several: [HostPattern: Seen] = [:]
        var broadWildcards: [(host: HostPattern, index: Int)] = []
        for (index, match) in matches.enumerated() {
            guard let host = match.host else { continue }
            var covering: Int?
            if let earlier = Self.noteFirst(index, &first[host]) {
                covering = Self.add(match.path, index, to: &several[host], behind: matches[earlier].path, earlier)
            }
            if let covering {
                warn(definition(index), behind: definition(covering), &report)
            } else if host.isWildcard, let earlier = broadWildcards.first(where: { $0.host.covers(host) }) {
                warn(definition(index), behind: definition(earlier.index), &report)
            }
            if host.isWildcard, match.path.matchesEverything, broadWildcards.count < 256 { broadWildcards.append((host, index)) }
        }
    }

    /// The first route of a host, which `index` becomes where there was none.
    private static func noteFirst(_ index: Int, _ first: inout Int?) -> Int? {
        defer { first = first ?? index }
        return first
    }

    /// Adds a further route of a host; the answer is the route that takes all it matches.
    private static func add(_ path: PathMatcher, _ index: Int, to slot: inout Seen?, behind first: PathMatcher, _ firstIndex: Int) -> Int? {
        var seen = slot ?? Seen(first, firstIndex)
        // Held once, so that adding copies nothing.
        slot = nil
        let covering = seen.covering(path)
        seen.add(path, index)
        slot = seen
        return covering
    }

    private static func warn(_ route: RouteDefinition, behind earlier: RouteDefinition, _ report: inout DiagnosticReport) {
        let place = earlier.position.map { " (\($0))" } ?? ""
        let same = route.path.isSame(as: earlier.path) && route.from?.host == earlier.from?.host
        report.warning(
            same ? "duplicate-route" : "shadowed-route",
            "route \(route.label) is never reached: route \(earlier.label)\(place) \(same ? "matches the same" : "takes all it matches")",
            at: route.position, help: "the first match in the list wins, so put the narrower route first")
    }

    /// The routes of one host so far, by index; of several with one match the first.
    private struct Seen {
        private var everything: Int?
        private var exact: [[UInt8]: Int] = [:]
        private var prefixes: [[UInt8]: Int] = [:]
        private var prefixLengths: Set<Int> = []
        private var expressions: [String: Int] = [:]

        init(_ path: PathMatcher, _ index: Int) { add(path, index) }

        func covering(_ path: PathMatcher) -> Int? {
            if let everything { return everything }
            switch path {
            case .any: return nil
            case .exact(let bytes): return exact[bytes] ?? prefix(of: bytes)
            case .prefix(let bytes): return prefix(of: bytes)
            case .regex(let expression): return expressions[expression.pattern]
            }
        }

        private func prefix(of bytes: [UInt8]) -> Int? {
            for length in prefixLengths.sorted() where length <= bytes.count {
                if let found = prefixes[Array(bytes.prefix(length))] { return found }
            }
            return nil
        }

        mutating func add(_ path: PathMatcher, _ index: Int) {
            if path.matchesEverything {
                everything = everything ?? index
                return
            }
            switch path {
            case .any: break
            case .exact(let bytes): exact[bytes] = exact[bytes] ?? index
            case .prefix(let bytes):
                prefixes[bytes] = prefixes[bytes] ?? index
                prefixLengths.insert(bytes.count)
            case .regex(let expression): expressions[expression.pattern] = expressions[expression.pattern] ?? index
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
