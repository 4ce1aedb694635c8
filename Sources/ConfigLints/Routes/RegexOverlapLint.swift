import Diagnostics
import RouteOptions
import Routing

/// Routes that are never reached, where an expression is one of the two.
struct RegexOverlapLint: ConfigLint {
    let rule = LintRule(
        code: "shadowed-by-expression", summary: "a route that is never reached, with an expression before it or in it",
        text: """
            Within a host the first route in the list that matches decides. Here an earlier expression takes all that a later route matches, or the \
            expression of a later route can only match below an earlier prefix. Put the narrower route first. Two expressions are compared only \
            where they end in `.*`.
            """,
        bad: LintRule.overlap("regex: ^/docs/.*$", "prefix: /docs/new/"), good: LintRule.overlap("prefix: /docs/new/", "regex: ^/docs/.*$"))

    /// Other expressions are tried on paths: so many of a host, to bound the work.
    private static let maximumExpressions = 32

    func check(_ subject: LintSubject, _ findings: inout LintFindings) {
        var hosts: [HostPattern: Seen] = [:]
        for route in subject.routes where route.from.scheme.isHTTP {
            if let earlier = hosts[route.from.host]?.covering(route.definition.path, &findings.steps) {
                let place = earlier.definition.position.map { " (\($0))" } ?? ""
                findings.add(
                    "route \(route.definition.label) is never reached: route \(earlier.definition.label)\(place) takes all it matches",
                    at: route.definition.position, help: "the first match in the list wins, so put the narrower route first")
            }
            hosts[route.from.host, default: Seen()].add(route)
        }
    }

    /// The routes of one host so far; of several with one match the first.
    private struct Seen {
        private var prefixes: [[UInt8]: LintedRoute] = [:]
        private var lengths: Set<Int> = []
        private var exact: [[UInt8]: LintedRoute] = [:]
        private var expressions: [(regex: PathRegex, route: LintedRoute)] = []
        private var everything: LintedRoute?

        /// Nil where both are plain, or the same: these are told by the loader.
        func covering(_ path: PathMatcher, _ steps: inout Int) -> LintedRoute? {
            switch path {
            case .any: return everything
            case .exact(let bytes):
                if let found = everything ?? expression(exact[bytes]) ?? expression(prefix(of: bytes, &steps)) { return found }
                // Each is tried on this one path; one that runs into its limits takes nothing.
                for (regex, route) in expressions {
                    steps += 1
                    if regex.matchesWhole(bytes) == .matched { return route }
                }
                return nil
            case .prefix(let bytes): return everything ?? expression(prefix(of: bytes, &steps))
            case .regex(let regex):
                let found: LintedRoute?
                switch RegexCoverage(regex.pattern) {
                case .exact(let bytes): found = exact[bytes] ?? prefix(of: bytes, &steps)
                case .prefix(let bytes), .within(let bytes): found = prefix(of: bytes, &steps)
                }
                guard let earlier = everything ?? found else { return nil }
                if case .regex(let other) = earlier.definition.path, other.pattern == regex.pattern { return nil }
                return earlier
            }
        }

        private func expression(_ route: LintedRoute?) -> LintedRoute? {
            guard let route, case .regex = route.definition.path else { return nil }
            return route
        }

        private func prefix(of bytes: [UInt8], _ steps: inout Int) -> LintedRoute? {
            for length in lengths.sorted() where length <= bytes.count {
                steps += 1
                if let found = prefixes[Array(bytes.prefix(length))] { return found }
            }
            return nil
        }

        mutating func add(_ route: LintedRoute) {
            switch route.definition.path {
            case .any: break
            case .exact(let bytes): exact[bytes] = exact[bytes] ?? route
            case .prefix(let bytes): add(prefix: bytes, route)
            case .regex(let regex):
                switch RegexCoverage(regex.pattern) {
                case .exact(let bytes): exact[bytes] = exact[bytes] ?? route
                // Every path begins with a slash.
                case .prefix(let bytes) where bytes.isEmpty || bytes == [UInt8(ascii: "/")]: everything = everything ?? route
                case .prefix(let bytes): add(prefix: bytes, route)
                case .within: if expressions.count < RegexOverlapLint.maximumExpressions { expressions.append((regex, route)) }
                }
            }
        }

        private mutating func add(prefix bytes: [UInt8], _ route: LintedRoute) {
            // What takes everything is told by the loader.
            guard bytes.count > 1 else { return }
            prefixes[bytes] = prefixes[bytes] ?? route
            lengths.insert(bytes.count)
        }
    }
}

extension LintRule {
    fileprivate static func overlap(_ first: String, _ second: String) -> String {
        let route = { (match: String) in
            "  - from: https://app.example.com\n    to: http://127.0.0.1:3000\n    \(match)\n    allow_any_authenticated_user: true"
        }
        return routes + route(first) + "\n" + route(second)
    }
}
