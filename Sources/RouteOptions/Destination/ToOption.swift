import Diagnostics
import PolicyLanguage
import Routing

/// `to`.
struct ToOption: RouteOption {
    let key = "to"
    let reference = RouteOptionReference(
        type: "URL or list of URLs", defaultValue: "–",
        text: """
            Where allowed requests go: `http`, `https`, `h2c` (HTTP/2 without TLS), or a socket file as `unix:///run/app.sock` or \
            `https+unix:///run/app.sock`, or `tcp` for a `tcp+https` route, each with an optional weight behind a comma. Several entries share the load, see \
            `load_balancing_policy`. A socket file has no name: `Host` stays what the visitor asked for, and TLS expects the name `localhost` \
            where `tls_upstream_server_name` says no other. The path of the first entry replaces the matched part of the path where no rewrite is set. `builtin://verify` \
            is the product's own page that shows what an application would be told. Every route has exactly one of `to`, `redirect` and \
            `response`.
            """,
        example: "to: http://127.0.0.1:8000")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        let values = Self.flattened(entry.value)
        guard !values.isEmpty else {
            context.report.error("empty-list", "url list is empty", at: entry.position)
            return
        }
        let before = context.report.errorCount
        var targets: [UpstreamTarget] = []
        var paths: [String?] = []
        for value in values {
            guard let text = entry.part(value).string(&context.report) else { continue }
            guard let (target, path) = target(of: text, at: value.position, &context.report) else { continue }
            targets.append(target)
            paths.append(path)
        }
        guard context.report.errorCount == before else { return }
        let weighted = targets.count { $0.weight != nil }
        guard weighted == 0 || weighted == targets.count else {
            context.report.error(
                "mixed-weights", "either no weights should be provided, or all endpoints must have non-zero weight specified", at: entry.position)
            return
        }
        guard targets.count == 1 || !targets.contains(where: { $0.scheme == .builtin }) else {
            context.report.error("mixed-targets", "a builtin application cannot share a route with other targets", at: entry.position)
            return
        }
        guard targets.allSatisfy({ $0.isSocketFile == targets[0].isSocketFile }) else {
            context.report.error("mixed-targets", "config: cannot mix unix and non-unix To URLs", at: entry.position)
            return
        }
        if paths.dropFirst().contains(where: { $0 != nil && $0 != paths[0] }) {
            context.report.warning(
                "ignored-path", "only the path of the first to entry counts", at: entry.position, help: "leave out the paths of the others")
        }
        route.to = targets
        route.toPath = paths[0]
    }

    private static let laterSchemes = ["udp", "ssh"]
    private static let schemesHelp = "the schemes are http, https, h2c, tcp, unix, https+unix and builtin"
    /// What a socket address has room for (`sun_path`), less its final zero.
    private static let maxSocketPath = 107

    /// Lists inside lists are one list.
    private static func flattened(_ value: PositionedValue) -> [PositionedValue] {
        value.sequence.map { $0.flatMap(flattened) } ?? [value]
    }

    private func target(of text: String, at position: SourcePosition, _ report: inout DiagnosticReport) -> (UpstreamTarget, String?)? {
        var urlText = text[...]
        var weight: UInt32?
        if let comma = text.lastIndex(of: ",") {
            urlText = text[..<comma]
            let digits = text[comma...].dropFirst()
            guard let number = UInt32(digits) else {
                report.error("invalid-weight", "config: \(text): \(digits) is not a load balancing weight", at: position, help: "write url,weight")
                return nil
            }
            guard number > 0 else {
                report.error("invalid-weight", "zero load balancing weight not permitted", at: position)
                return nil
            }
            weight = number
        }
        let schemeText = urlText.prefix { $0 != ":" }.lowercased()
        if Self.laterSchemes.contains(schemeText), urlText.contains("://") {
            report.error(
                "unsupported-scheme", "config: \(urlText): \(schemeText) is not supported by this version", at: position,
                help: Self.schemesHelp)
            return nil
        }
        if let scheme = UpstreamTarget.Scheme(rawValue: schemeText), scheme == .unix || scheme == .unixTLS {
            return socketFile(urlText, scheme, weight, at: position, &report).map { ($0, nil) }
        }
        if schemeText == "http+unix" {
            report.error("unsupported-scheme", "config: \(urlText): unknown scheme http+unix", at: position, help: "write unix:///run/app.sock")
            return nil
        }
        let url: AbsoluteURL
        do {
            url = try AbsoluteURL(String(urlText))
        } catch {
            let message = urlText.contains("://") ? error.message : "url scheme must be provided"
            report.error(
                "invalid-url", "config: \(urlText): \(message)", at: position, help: urlText.contains("://") ? nil : "write http://\(urlText)")
            return nil
        }
        guard let scheme = UpstreamTarget.Scheme(rawValue: url.scheme) else {
            report.error(
                "unsupported-scheme", "config: \(urlText): unknown scheme \(url.scheme)", at: position,
                help: Self.schemesHelp)
            return nil
        }
        guard !url.host.contains("*") else {
            report.error("invalid-url", "config: \(urlText): an upstream cannot have a wildcard", at: position)
            return nil
        }
        guard !url.hasUserInfo else {
            report.error(
                "invalid-url", "config: user information in a to url is not sent", at: position,
                help: "set_request_headers can send an Authorization header")
            return nil
        }
        if url.query != nil || url.fragment != nil {
            report.warning("ignored-query", "config: \(urlText): query and fragment of a to url are ignored", at: position)
        }
        if scheme == .builtin, !["verify"].contains(url.host) {
            report.error(
                "unknown-builtin", "config: \(urlText): there is no builtin application \(url.host)", at: position, help: "write builtin://verify")
            return nil
        }
        if scheme == .tcp, url.port == nil {
            report.error("missing-port", "config: \(urlText): a tcp destination needs a port", at: position, help: "write tcp://\(url.host):5432")
            return nil
        }
        let host = url.host.hasPrefix("[") ? String(url.host.dropFirst().dropLast()) : url.host
        let target = UpstreamTarget(scheme: scheme, host: host, port: url.effectivePort, authority: url.authority, weight: weight)
        return (target, url.path.isEmpty || url.path == "/" ? nil : url.path)
    }
}

extension ToOption {
    /// `unix:///path` and `unix:/path`: the whole path names the file.
    private func socketFile(
        _ text: Substring, _ scheme: UpstreamTarget.Scheme, _ weight: UInt32?, at position: SourcePosition, _ report: inout DiagnosticReport
    ) -> UpstreamTarget? {
        var path = text.dropFirst(scheme.rawValue.count + 1)
        if path.hasPrefix("//") { path = path.dropFirst(2) }
        guard path.hasPrefix("/"), path != "/", !path.contains("?"), !path.contains("#"), path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            report.error(
                "invalid-url", "config: \(text): a socket file needs an absolute path and no query", at: position,
                help: "write \(scheme.rawValue):///run/app.sock")
            return nil
        }
        guard path.utf8.count <= Self.maxSocketPath else {
            report.error(
                "invalid-url", "config: \(text): the path of a socket file can have \(Self.maxSocketPath) bytes, this one has \(path.utf8.count)",
                at: position)
            return nil
        }
        return UpstreamTarget(scheme: scheme, host: String(path), port: 0, authority: "", weight: weight)
    }
}

extension DiagnosticReport {
    fileprivate var errorCount: Int { diagnostics.count { $0.severity == .error } }
}
