import Diagnostics
import PolicyLanguage
import Routing

@testable import ProxyConfig

struct NoSuchFile: Error, CustomStringConvertible {
    var description: String
}

/// Loads texts instead of files.
enum SampleConfig {
    static func loader(
        _ text: String, environment: [String: String] = [:], files: [String: String] = [:], allowUnknownKeys: Bool = false
    ) -> ConfigLoader {
        ConfigLoader(
            environment: environment, allowUnknownKeys: allowUnknownKeys,
            readFile: { path in
                if path == "config.yaml" { return text }
                guard let content = files[path] else { throw NoSuchFile(description: "open \(path): no such file or directory") }
                return content
            }, now: { 1_700_000_000_000_000_000 })
    }

    static func load(_ text: String, environment: [String: String] = [:], files: [String: String] = [:]) throws -> ConfigSnapshot {
        try loader(text, environment: environment, files: files).load("config.yaml")
    }

    /// The diagnostics of a text that is refused, or its warnings.
    static func problems(_ text: String, environment: [String: String] = [:], files: [String: String] = [:]) -> [Diagnostic] {
        do {
            return try load(text, environment: environment, files: files).report.sorted
        } catch let error as DiagnosticError {
            return error.report.sorted
        } catch {
            return []
        }
    }

    /// A text with one route and what matters of it.
    static func route(_ lines: String, global: String = "") -> String {
        let body = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        return "\(global)\nroutes:\n  - from: https://app.localhost\n\(body)"
    }
}

/// One line a route: what is matched, where it goes, and what differs from the defaults.
enum ConfigDump {
    static func text(_ snapshot: ConfigSnapshot) -> String {
        let settings = snapshot.settings
        var lines = ["authenticate \(snapshot.authenticateURL.origin)", "listen \(settings.address)"]
        if let redirect = settings.httpRedirectAddr { lines.append("redirect from \(redirect)") }
        if settings.healthCheckAddr.host != "127.0.0.1" { lines.append("health \(settings.healthCheckAddr)") }
        for route in snapshot.routes { lines += [line(route)] + details(route).map { "  " + $0 } }
        return lines.joined(separator: "\n") + "\n" + snapshot.report.rendered()
    }

    private static func line(_ route: CompiledRoute) -> String {
        let port = route.from.host.port.map { ":\($0)" } ?? ""
        return "route \(route.name): \(route.from.host.text)\(port)\(path(route.definition.path)) -> \(destination(route.destination))"
    }

    private static func path(_ path: PathMatcher) -> String {
        switch path {
        case .any: ""
        case .exact(let bytes): " path \(String(decoding: bytes, as: UTF8.self))"
        case .prefix(let bytes): " prefix \(String(decoding: bytes, as: UTF8.self))"
        case .regex(let regex): " regex \(regex.pattern)"
        }
    }

    private static func destination(_ destination: CompiledRoute.Destination) -> String {
        switch destination {
        case .upstream(let targets):
            targets.map { "\($0.scheme.rawValue)://\($0.host) \($0.port)\($0.weight.map { " weight \($0)" } ?? "")" }.joined(separator: ", ")
        case .redirect(let action): "redirect \(action.responseCode)"
        case .response(let response): "response \(response.status)"
        case .unavailable(let reason): "unavailable: \(reason)"
        }
    }

    private static func details(_ route: CompiledRoute) -> [String] {
        var details: [String] = []
        if route.access.isPublic { details.append("public") }
        if route.access.policies.count > 1 { details.append("policy") }
        if route.identity.passIdentityHeaders { details.append("identity headers") }
        if route.timeout != 30_000_000_000 { details.append("timeout \(DurationText.format(route.timeout ?? 0))") }
        if route.idleTimeout != 300_000_000_000 { details.append("idle timeout \(DurationText.format(route.idleTimeout ?? 0))") }
        if !route.upgrades.isEmpty { details.append("upgrades \(route.upgrades.sorted().joined(separator: " "))") }
        if let rewrite = route.definition.prefixRewrite { details.append("prefix rewrite \(rewrite)") }
        if let rewrite = route.definition.regexRewrite { details.append("regex rewrite \(rewrite.pattern.pattern) to \(rewrite.substitution)") }
        if let path = route.definition.toPath { details.append("to path \(path)") }
        if let host = route.definition.hostRewrite { details.append("host \(hostText(host))") }
        for (name, _) in route.requestHeaders.set { details.append("request header \(name)") }
        let lines = String(decoding: route.responseHeaders.lines, as: UTF8.self).split(separator: "\r\n")
        details += lines.map { "response header \($0)" }
        return details
    }

    private static func hostText(_ host: RouteDefinition.HostRewrite) -> String {
        switch host {
        case .literal(let text): text
        case .header(let name): "of header \(name)"
        case .pathRegex(let rewrite): "of path \(rewrite.pattern.pattern)"
        case .preserve: "preserved"
        }
    }
}
