import Diagnostics
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.12.
    static let timeouts = SettingGroup(
        title: "Timeouts",
        settings: [
            .duration("timeout_read", \.timeoutRead, "For receiving a whole request; then 408. `0` means no limit."),
            .duration("timeout_write", \.timeoutWrite, "Longest life of one request with its answer. `0` means no limit."),
            .duration("timeout_idle", \.timeoutIdle, "A client's connection without requests is closed after this time. `0` means never."),
            .duration(
                "default_upstream_timeout", \.defaultUpstreamTimeout,
                "Until the application's answer is complete, on routes without a `timeout` of their own; then 504. `0` means no limit."),
        ])

    /// Reference: configuration section 2.13.
    static let upstreamNames = SettingGroup(
        title: "Names of applications",
        settings: [
            .choice(
                "dns_lookup_family", \.dnsLookupFamily,
                """
                Which addresses of an application are used, and in which order they are tried: families take turns, each address gets 250 ms \
                before the next is tried beside it (RFC 8305). `V4_PREFERRED` begins with IPv4, `AUTO` and `ALL` with IPv6; `V4_ONLY` and \
                `V6_ONLY` leave out the other family.
                """),
            .custom(
                "dns_refresh_rate", type: "duration", default: "5s",
                """
                How long the addresses of a name are used before it is looked up again, at least 1ms. Names that are in use are looked up ahead; \
                where that fails, the last addresses stay in use.
                """
            ) { entry, context in
                if let rate = context.refreshRate(entry) { context.settings.dnsRefreshRate = rate }
            },
            .custom(
                "dns_failure_refresh_rate", type: "duration", default: "as `dns_refresh_rate`",
                "How long after a failed look-up a name is not asked for again, at least 1ms."
            ) { entry, context in
                if let rate = context.refreshRate(entry) { context.settings.dnsFailureRefreshRate = rate }
            },
            .custom(
                "dns_query_timeout", type: "duration", default: "5s",
                "How long a request waits for the addresses of a name. `0` means no limit. How often servers are asked meanwhile is the system's matter."
            ) { entry, context in
                guard let text = entry.value.scalarText, !text.hasPrefix("-") else {
                    context.report.error("out-of-range", "config: dns_query_timeout must be positive", at: entry.position)
                    return
                }
                if let timeout = entry.duration(&context.report) { context.settings.dnsQueryTimeout = timeout }
            },
            .notYet("dns_query_tries", "the system's resolver decides (options attempts in resolv.conf)"),
            .notYet("dns_use_tcp", "the system's resolver decides (options use-vc in resolv.conf)"),
            .notYet("dns_resolvers", refused: true, "names are asked of the system's resolver (resolv.conf), which may know other addresses"),
            .ignored("dns_udp_max_queries", "the system's resolver decides"),
        ])
}

extension SettingsDecodingContext {
    fileprivate mutating func refreshRate(_ entry: ConfigEntry) -> Int64? {
        guard let rate = entry.duration(&report) else { return nil }
        guard rate >= 1_000_000 else {
            report.error("out-of-range", "config: \(entry.key) must be at least 1ms", at: entry.position)
            return nil
        }
        return rate
    }
}
