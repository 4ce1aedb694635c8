import Diagnostics
import Routing

/// Rules that hold between the options of one route.
enum RouteConsistency {
    static func check(_ route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        if !context.has("from") {
            context.report.error(
                "missing-from", "config: policy bad source url url cannot be empty", at: route.position, help: "write from: https://…")
        }
        checkMatch(&route, &context)
        checkDestination(route, &context)
        checkAccess(route, &context)
        checkHeaders(route, &context)
        checkEjection(route, &context)
    }

    private static func checkEjection(_ route: RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let outliers = route.outlierDetection, !route.to.isEmpty, !outliers.canEject(of: route.to.count) else { return }
        context.report.warning(
            "outliers-never-ejected",
            "outlier_detection can take out none of \(route.to.count) targets with max_ejection_percent \(outliers.maxEjectionPercent)",
            at: context.siblings["outlier_detection"]?.keyPosition,
            help: "set always_eject_one_host: true, or max_ejection_percent to \((99 + route.to.count) / route.to.count) or more")
    }

    private static func given(_ keys: [String], _ context: RouteDecodingContext) -> [ConfigEntry] {
        keys.compactMap { context.siblings[$0] }.sorted { $0.keyPosition < $1.keyPosition }
    }

    private static func checkMatch(_ route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        let matches = given(["path", "prefix", "regex"], context)
        guard matches.count > 1 else { return }
        // Until the operator says which one is meant, the route stands for all of them.
        route.path = .any
        let names = matches.map(\.key).joined(separator: " and ")
        context.report.error(
            "several-matches", "a route can have only one of path, prefix and regex, this one has \(names)", at: matches[1].keyPosition,
            help: "write one route for each")
    }

    private static func checkDestination(_ route: RouteDefinition, _ context: inout RouteDecodingContext) {
        let destinations = given(["to", "redirect", "response"], context)
        if destinations.isEmpty {
            context.report.error(
                "missing-destination", "config: policy should have either `to` or `redirect` or `response` defined", at: route.position)
        } else if destinations.count > 1 {
            let names = destinations.map(\.key).joined(separator: " and ")
            context.report.error(
                "several-destinations", "a route can have only one of to, redirect and response, this one has \(names)",
                at: destinations[1].keyPosition)
        } else if let from = route.from, !route.to.isEmpty || destinations[0].key != "to" {
            checkTunnel(from, route, destinations[0], &context)
        }
    }

    /// Tunnels lead to TCP services, and nothing else does.
    private static func checkTunnel(_ from: RouteSource, _ route: RouteDefinition, _ entry: ConfigEntry, _ context: inout RouteDecodingContext) {
        let leadsToTCP = route.to.contains { $0.scheme == .tcp }
        if leadsToTCP, !route.to.allSatisfy({ $0.scheme == .tcp }) {
            context.report.error("mixed-targets", "config: cannot mix tcp and non-tcp To URLs", at: entry.position)
        } else if from.scheme == .tcp, !leadsToTCP {
            context.report.error(
                "tunnel-destination", "a tcp+https route leads to a TCP service", at: entry.position, help: "write to: tcp://host:port")
        } else if from.scheme != .tcp, leadsToTCP {
            context.report.error(
                "tunnel-destination", "a TCP service needs a tcp+https route", at: entry.position, help: "write from: tcp+https://…")
        }
    }

    private static func checkAccess(_ route: RouteDefinition, _ context: inout RouteDecodingContext) {
        let lists = given(["allowed_users", "allowed_domains"], context).filter { !$0.value.isOff }
        let publicKey = context.siblings["allow_public_unauthenticated_access"]?.keyPosition
        if route.allowPublicUnauthenticatedAccess, route.allowAnyAuthenticatedUser || !lists.isEmpty {
            context.report.error(
                "contradictory-access", "config: policy route marked as public but contains whitelists", at: publicKey,
                help: "a public route lets in everyone, remove one of them")
        } else if route.allowAnyAuthenticatedUser, !lists.isEmpty {
            context.report.error(
                "contradictory-access", "config: policy route marked accessible for any authenticated user but contains whitelists",
                at: context.siblings["allow_any_authenticated_user"]?.keyPosition, help: "remove \(lists[0].key) or allow_any_authenticated_user")
        }
        let opens =
            route.allowPublicUnauthenticatedAccess || route.allowAnyAuthenticatedUser || !lists.isEmpty || !route.allowedIDPClaims.isEmpty
            || context.has("policy")
        // A key that could not be read may have been the one that opens it.
        if !opens, !context.report.hasErrors {
            context.report.warning(
                "route-denies-everybody", "nobody may use this route", at: context.siblings["from"]?.keyPosition ?? route.position,
                help: "add a policy, or allow_any_authenticated_user: true")
        }
    }

    private static func checkHeaders(_ route: RouteDefinition, _ context: inout RouteDecodingContext) {
        if route.kubernetesServiceAccountToken != nil {
            let written = ["authorization", "impersonate-user", "impersonate-group"]
            for (name, _) in route.setRequestHeaders where written.contains(name.lowercased()) {
                context.report.error(
                    "contradictory-headers", "\(name) is written for the Kubernetes service account, set_request_headers cannot set it too",
                    at: context.siblings["set_request_headers"]?.keyPosition)
            }
        }
        let removed = Set(route.removeRequestHeaders.map { $0.lowercased() })
        for (name, _) in route.setRequestHeaders where removed.contains(name.lowercased()) {
            context.report.warning(
                "header-set-and-removed", "\(name) is set and removed, so it is removed", at: context.siblings["remove_request_headers"]?.keyPosition)
        }
    }
}
