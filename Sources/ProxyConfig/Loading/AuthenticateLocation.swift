import Diagnostics
import Routing

/// Where people sign in.
enum AuthenticateLocation {
    /// `authenticate_service_url`; without it a host below `localhost`, which every browser finds on this machine, as long as no other route
    /// needs sign-in.
    static func resolve(_ settings: Settings, _ routes: [PlacedRoute], _ report: inout DiagnosticReport) -> AbsoluteURL {
        if let url = settings.authenticateServiceURL { return url }
        let needsSignIn = routes.first { $0.compiled.map { !$0.access.isPublic && !isLocal($0.from.host.text) } ?? false }
        if let needsSignIn, let remote = needsSignIn.compiled {
            report.error(
                "missing-authenticate-url", "\(remote.from.text) needs sign-in, but authenticate_service_url is not set",
                at: needsSignIn.position,
                help: "set authenticate_service_url to a host whose DNS name leads here, for example \(example(remote))")
        }
        let port = settings.address.port == 443 ? "" : ":\(settings.address.port)"
        return local(port)
    }

    private static func local(_ port: String) -> AbsoluteURL {
        do {
            return try AbsoluteURL("https://authenticate.localhost\(port)")
        } catch {
            preconditionFailure("the name is fixed and the port a number")
        }
    }

    private static func isLocal(_ host: String) -> Bool { host == "localhost" || host.hasSuffix(".localhost") }

    private static func example(_ route: CompiledRoute) -> String {
        let labels = route.from.host.text.split(separator: ".")
        guard labels.count > 2 else { return "https://authenticate.\(route.from.host.text.filter { $0 != "*" })" }
        return "https://authenticate." + labels.dropFirst().joined(separator: ".")
    }
}
