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
            .choice("dns_lookup_family", \.dnsLookupFamily, "Which addresses of an application are used."),
            .notYet("dns_refresh_rate", "the system's resolver decides"),
            .notYet("dns_failure_refresh_rate", "the system's resolver decides"),
            .notYet("dns_query_timeout", "the system's resolver decides"),
            .notYet("dns_query_tries", "the system's resolver decides"),
            .notYet("dns_use_tcp", "the system's resolver decides"),
            .notYet("dns_resolvers", "the system's resolver decides"),
            .ignored("dns_udp_max_queries", "the system's resolver decides"),
        ])
}
