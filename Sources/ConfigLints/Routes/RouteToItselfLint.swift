import Diagnostics
import Routing

/// `to` is the route's own `from`.
struct RouteToItselfLint: RouteLint {
    let rule = LintRule(
        code: "route-to-itself", summary: "a route that leads to itself",
        text: """
            `to` names host and port of the route's own `from`, so requests come back to the proxy until something gives up. Name the machine that \
            the application runs on. Where the name leads to the application inside and to the proxy outside, allow this code.
            """,
        badRoute: "to: https://app.example.com\nallow_any_authenticated_user: true",
        goodRoute: "to: https://app.internal:8443\nallow_any_authenticated_user: true")

    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        guard route.from.scheme.isHTTP, !route.from.host.isWildcard else { return }
        let port = route.from.host.port ?? (route.from.scheme == .https ? 443 : 80)
        for target in route.definition.to where !target.isSocketFile && target.scheme != .builtin {
            guard target.host.lowercased() == route.from.host.text, target.port == port else { continue }
            findings.add(
                "the route leads to itself: to and from are both \(target.host):\(port)", at: route.valuePosition(of: "to"),
                help: "name the machine that the application runs on")
        }
    }
}
