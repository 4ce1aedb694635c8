import Diagnostics
import PolicyLanguage
import RouteOptions
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.17.
    static let switches = SettingGroup(
        title: "Switches and limits",
        settings: [
            .custom(
                "runtime_flags", type: "object of booleans", default: "see text",
                """
                `config_hot_reload` (true): the configuration is read again when its file or one that it names changes; SIGHUP does so in any case. `pomerium_jwt_endpoint` (false): `/.pomerium/jwt` returns the \
                assertion. `refresh_session_at_id_token_expiration` (true). `allow_any_sign_out_redirect_uri` (false). `routes_portal` (true): the \
                page `/.pomerium/routes`. `match_any_incoming_port` is always true.
                """, form: .object
            ) { entry, context in context.runtimeFlags(entry) },
            .custom(
                "circuit_breaker_thresholds", type: "object", default: "see text",
                """
                For routes without values of their own: `max_connections` (1024), `max_pending_requests` (1024), `max_requests` (1024) and \
                `max_retries` (unlimited) of each, see the [route option](route-options.md#circuit_breaker_thresholds).
                """, form: .object
            ) { entry, context in
                if let thresholds = entry.circuitBreakerThresholds(&context.report) { context.settings.circuitBreakerThresholds = thresholds }
            },
        ])
}

extension SettingsDecodingContext {
    /// Flags of the reference that nothing here depends on, with the value that is in force.
    private static let fixedFlags: [String: Bool] = [
        "match_any_incoming_port": true, "debug_admin_endpoints": false, "mcp": false, "mcp_dynamic_client_registration": false,
        "ssh_routes_portal": false, "ssh_upstream_tunnel": false, "ssh_allow_direct_tcpip": false,
    ]
    private static let internalFlags: Set<String> = [
        "authorize_use_synced_data", "grpc_databroker_keepalive", "envoy_resource_manager", "add_extra_metrics_labels",
        "set_envoy_concurrency_to_go_max_procs",
    ]
    private static let flags: [String: any WritableKeyPath<RuntimeFlags, Bool> & Sendable] = [
        "config_hot_reload": \.configHotReload, "pomerium_jwt_endpoint": \.pomeriumJWTEndpoint,
        "refresh_session_at_id_token_expiration": \.refreshSessionAtIDTokenExpiration,
        "allow_any_sign_out_redirect_uri": \.allowAnySignOutRedirectURI, "routes_portal": \.routesPortal,
    ]

    mutating func runtimeFlags(_ entry: ConfigEntry) {
        guard let entries = entry.value.mapping else { return entry.mismatch("an object", &report) }
        for flag in entries.map(ConfigEntry.init) {
            let name = flag.key.lowercased()
            guard let value = flag.bool(&report) else { continue }
            if let path = Self.flags[name] {
                settings.runtimeFlags[keyPath: path] = value
            } else if let fixed = Self.fixedFlags[name] {
                guard fixed != value else { continue }
                report.warning("unsupported-setting", "the runtime flag \(name) is always \(fixed) in this version", at: flag.keyPosition)
            } else if !Self.internalFlags.contains(name) {
                report.warning(
                    "unknown-flag", "unknown runtime flag \(flag.key)", at: flag.keyPosition,
                    help: Suggestion.nearest(to: name, in: Self.flags.keys.sorted()).map { "did you mean \($0)?" })
            }
        }
    }
}
