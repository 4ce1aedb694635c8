import Diagnostics
import HTTPWire
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.11.
    static let headersAndPaths = SettingGroup(
        title: "Headers, paths, client address",
        settings: [
            .custom(
                "set_response_headers", type: "object", default: "see text",
                """
                Headers of every answer, which replace what the application sent. Unset: `X-Frame-Options: SAMEORIGIN`, \
                `X-XSS-Protection: 1; mode=block` and, if a certificate is configured, \
                `Strict-Transport-Security: max-age=31536000; includeSubDomains; preload`. Any value replaces all three; the key `disable` leaves none.
                """, form: .headers, environment: "HEADERS"
            ) { entry, context in
                if entry.value["disable"] != nil {
                    context.settings.setResponseHeaders = []
                } else if let headers = entry.headers(&context.report) {
                    context.settings.setResponseHeaders = headers.map { HeaderSetting(name: $0.name, value: $0.value) }
                }
            },
            .bool("skip_xff_append", \.skipXFFAppend, "`X-Forwarded-For` goes to the application as it came."),
            .integer(
                "xff_num_trusted_hops", \.xffNumTrustedHops, in: 0...64,
                "How many proxies in front of this one are trusted: the client's address is that entry of `X-Forwarded-For`, counted from the right."),
            .bool("normalize_path", \.normalizePath, "Dot segments are resolved before routes are matched (RFC 3986)."),
            .bool("merge_slashes", \.mergeSlashes, "`//` in a path becomes `/` before routes are matched."),
            .choice(
                "path_with_escaped_slashes_action", \.pathWithEscapedSlashesAction,
                "What happens to `%2F` and `%5C` in a path. `reject_request` answers 400."),
            .choice(
                "headers_with_underscores_action", \.headersWithUnderscoresAction,
                "What happens to header names with `_`, which many applications cannot tell from `-`. `reject_request` answers 400."),
            .custom(
                "allow_upgrades", type: "list of strings", default: "[]", "What `Upgrade` may name on routes that say nothing of their own.",
                form: .list
            ) { entry, context in
                if let tokens = entry.upgradeTokens(&context.report) { context.settings.allowUpgrades = tokens }
            },
            .list(
                "programmatic_redirect_domain_whitelist", \.programmaticRedirectDomainWhitelist,
                "Hosts that programs which sign in through `/.pomerium/api/v1/login` may be sent back to. `localhost` includes loopback addresses."),
            .notYet("google_cloud_serverless_authentication_service_account", "no token of Google is added"),
        ])
}
