import Diagnostics
import PolicyLanguage
import Routing

/// `redirect`.
struct RedirectOption: RouteOption {
    let key = "redirect"
    let reference = RouteOptionReference(
        type: "object", defaultValue: "–",
        text: """
            Sends visitors elsewhere after policy has let them in. `https_redirect` or `scheme_redirect`, `host_redirect`, `port_redirect`, \
            `path_redirect` (the whole path) or `prefix_rewrite` (the matched part) replace parts of the address; `strip_query` removes the query; \
            `response_code` is 301, 302, 303, 307 or 308.
            """,
        example: "redirect: {host_redirect: new.example.com, response_code: 302}")

    private static let keys = [
        "https_redirect", "scheme_redirect", "host_redirect", "port_redirect", "path_redirect", "prefix_rewrite", "response_code", "strip_query",
    ]

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let entries = entry.value.mapping else { return entry.mismatch("an object", &context.report) }
        var action = RedirectAction()
        let before = context.report
        for part in entries.map(ConfigEntry.init) where !part.value.isNull {
            decode(part, into: &action, &context.report)
        }
        if !action.changesAnything, before == context.report {
            context.report.error("empty-redirect", "redirect changes nothing, so it would lead to itself", at: entry.position)
        }
        if action.pathRedirect != nil, action.prefixRewrite != nil {
            context.report.warning("ignored-option", "redirect has path_redirect, so its prefix_rewrite is ignored", at: entry.position)
        }
        if action.httpsRedirect, action.schemeRedirect != nil {
            context.report.warning("ignored-option", "redirect has https_redirect, so its scheme_redirect is ignored", at: entry.position)
        }
        route.redirect = action
    }

    private func decode(_ part: ConfigEntry, into action: inout RedirectAction, _ report: inout DiagnosticReport) {
        switch part.key {
        case "https_redirect": action.httpsRedirect = part.bool(&report) ?? false
        case "strip_query": action.stripQuery = part.bool(&report) ?? false
        case "scheme_redirect": action.schemeRedirect = part.choice(of: [("https", "https"), ("http", "http")], &report)
        case "port_redirect": action.portRedirect = part.integer(in: 1...65535, &report).flatMap { UInt16(exactly: $0) }
        case "host_redirect": action.hostRedirect = host(part, &report)
        case "path_redirect": action.pathRedirect = part.pathText(&report)
        case "prefix_rewrite": action.prefixRewrite = part.pathText(&report)
        case "response_code":
            guard let code = part.integer(in: 0...999, &report) else { return }
            guard [301, 302, 303, 307, 308].contains(code) else {
                report.error(
                    "unsupported-redirect-code", "config: unsupported redirect response code \(code) (supported values: 301, 302, 303, 307, 308)",
                    at: part.position)
                return
            }
            action.responseCode = code
        default:
            report.error(
                "unknown-key", "unknown key \(part.key) in redirect", at: part.keyPosition,
                help: Suggestion.nearest(to: part.key, in: Self.keys).map { "did you mean \($0)?" })
        }
    }

    private func host(_ part: ConfigEntry, _ report: inout DiagnosticReport) -> String? {
        guard let text = part.nonEmptyString(&report) else { return nil }
        guard let url = try? AbsoluteURL("https://\(text)"), url.authority == text, !text.contains("*") else {
            report.error("invalid-host", "host_redirect must be a host name, found \(text)", at: part.position)
            return nil
        }
        return text
    }
}

extension RedirectAction {
    fileprivate var changesAnything: Bool {
        httpsRedirect || stripQuery || schemeRedirect != nil || hostRedirect != nil || portRedirect != nil || pathRedirect != nil
            || prefixRewrite != nil
    }
}
