import Diagnostics
import Routing

/// `from`.
struct FromOption: RouteOption {
    let key = "from"
    let reference = RouteOptionReference(
        type: "URL", defaultValue: "required",
        text: """
            Scheme, host and, if it is not the scheme's own, port by which visitors reach the route. `*` in the host stands for any characters, \
            dots included, also for none. An exact host beats every wildcard. A route without port answers on any port. \
            `tcp+https://db.example.com:5432` is a tunnel for whoever sends `CONNECT db.example.com:5432`; \
            `tcp+https://proxy.example.com/db.internal:5432` names what they send behind the host that they connect to.
            """,
        example: "from: https://app.example.com")

    private static let prefix = "config: policy bad source url "

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let url = entry.url(&context.report, or: { Self.prefix + $0 }) else { return }
        guard let scheme = RouteSource.Scheme(rawValue: url.scheme) else {
            context.report.error(
                "unsupported-scheme", Self.prefix + "\(url.text) has the unknown scheme \(url.scheme)", at: entry.position,
                help: "write https://\(url.authority)")
            return
        }
        if scheme == .tcp { return decodeTunnel(url, entry, into: &route, &context) }
        guard scheme.isHTTP else {
            context.report.error(
                "unsupported-scheme", Self.prefix + "\(url.text): \(scheme.rawValue) routes are not supported by this version", at: entry.position)
            return
        }
        guard url.path.isEmpty || url.path == "/" else {
            context.report.error(
                "path-in-from", "config: policy source url (\(url.text)) contains a path, but it should be set using the path field instead",
                at: entry.position, help: "write from: \(url.scheme)://\(url.authority) and prefix: \(url.path)")
            return
        }
        guard url.query == nil, url.fragment == nil, !url.hasUserInfo else {
            context.report.error(
                "invalid-url", Self.prefix + "https://\(url.host) has a query, a fragment or user information", at: entry.position,
                help: "write from: \(url.scheme)://\(url.authority)")
            return
        }
        if scheme == .http {
            context.report.add(
                Diagnostic(
                    .note, code: "http-origin", "config: policy source url (\(url.text)) uses HTTP but only HTTPS is supported",
                    at: entry.position))
        }
        let standard: UInt16 = scheme == .https ? 443 : 80
        let port = url.port == standard ? nil : url.port
        route.from = RouteSource(scheme: scheme, host: HostPattern(host: url.host, port: port), text: url.text)
    }

    /// The host is where clients connect and sign in; what they name in CONNECT is host and port, or the segments of the path.
    private func decodeTunnel(_ url: AbsoluteURL, _ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard url.query == nil, url.fragment == nil, !url.hasUserInfo, !url.host.contains("*") else {
            context.report.error(
                "invalid-url", Self.prefix + "\(url.text): a tunnel has no query, fragment, user information or wildcard", at: entry.position)
            return
        }
        let segments = url.path.split(separator: "/")
        var tunnels: [HostPattern] = []
        for segment in segments {
            guard let named = try? AbsoluteURL("tcp://\(segment)"), named.path.isEmpty, let port = named.port, !named.host.contains("*") else {
                context.report.error(
                    "invalid-url", Self.prefix + "\(url.text): \(segment) is no host with port", at: entry.position,
                    help: "write tcp+https://\(url.host)/db.internal:5432")
                return
            }
            tunnels.append(HostPattern(host: named.host, port: port))
        }
        if segments.isEmpty { tunnels = [HostPattern(host: url.host, port: url.port ?? 443)] }
        route.from = RouteSource(scheme: .tcp, host: HostPattern(host: url.host, port: nil), text: url.text, tunnels: tunnels)
    }
}
