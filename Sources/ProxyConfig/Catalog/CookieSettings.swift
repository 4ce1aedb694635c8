import Diagnostics
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.2.
    static let cookies = SettingGroup(
        title: "Cookies",
        settings: [
            .custom(
                "cookie_name", type: "string", default: "_pomerium",
                "The name that all cookies of the product begin with, behind the prefix `__Host-` where they are bound to their host."
            ) { entry, context in
                guard let name = entry.nonEmptyString(&context.report) else { return }
                guard FieldSyntax.isName(name), name.utf8.count <= 64 else {
                    context.report.error("invalid-cookie-name", "cookie_name \"\(name)\" is not a legal cookie name", at: entry.position)
                    return
                }
                context.settings.cookieName = name
            },
            .custom(
                "cookie_domain", type: "domain", default: "bound to each host",
                "One session cookie for all hosts below this domain. Every application there can then be reached with a cookie that another one received."
            ) { entry, context in
                guard let text = entry.string(&context.report), !text.isEmpty else { return }
                let domain = text.hasPrefix(".") ? String(text.dropFirst()) : text
                guard let url = try? AbsoluteURL("https://\(domain)"), url.authority == domain, url.port == nil, !domain.contains("*") else {
                    context.report.error("invalid-host", "cookie_domain must be a domain, found \(text)", at: entry.position)
                    return
                }
                context.settings.cookieDomain = url.host
            },
            .bool("cookie_http_only", \.cookieHTTPOnly, "Scripts of a page cannot read the session cookie."),
            .custom(
                "cookie_expire", type: "duration", default: "14h", "How long a session lasts, and its cookie with it."
            ) { entry, context in
                guard let duration = entry.duration(&context.report) else { return }
                guard duration >= 1_000_000_000 else {
                    context.report.error("out-of-range", "cookie_expire must be at least 1s", at: entry.position)
                    return
                }
                context.settings.cookieExpire = duration
            },
            .custom(
                "cookie_same_site", type: "`strict`, `lax`, `none`", default: "lax", "`SameSite` of the session cookie."
            ) { entry, context in
                guard let text = entry.string(&context.report)?.lowercased(), !text.isEmpty else { return }
                guard let policy = SameSitePolicy(rawValue: text) else {
                    context.report.error(
                        "unknown-value", "config: invalid cookie_same_site: unknown cookie_same_site: \(text)", at: entry.position,
                        help: "the values are strict, lax and none")
                    return
                }
                context.settings.cookieSameSite = policy
            },
            .removed("cookie_secure", "cookies are always Secure, remove it"),
        ])
}
