import Routing

extension SettingGroup {
    /// Reference: configuration section 2.18.
    static let furtherProtocols = SettingGroup(
        title: "SSH, MCP, Envoy",
        settings: [
            .notYet("ssh_address", refused: true, "there is no SSH listener"),
            .notYet("ssh_host_key_files", "there is no SSH listener"),
            .notYet("ssh_host_keys", "there is no SSH listener"),
            .notYet("ssh_user_ca_key_file", "there is no SSH listener"),
            .notYet("ssh_user_ca_key", "there is no SSH listener"),
            .ignored("ssh_rls_enabled", "there is no SSH listener"),
            .ignored("ssh_rls_additional_entries", "there is no SSH listener"),
            .notYet("mcp_allowed_client_id_domains", "routes do not speak MCP"),
            .notYet("mcp_allowed_as_metadata_domains", "routes do not speak MCP"),
            .notYet("session_recording_concurrency", "nothing is recorded"),
            .notYet("blob_storage", "nothing is recorded"),
            .notYet("pomerium_zero_token", refused: true, environment: ["POMERIUM_ZERO_TOKEN"], "the configuration comes from this file alone"),
            .ignored("auto_apply_changesets", "the configuration comes from this file alone"),
            .ignored("envoy_admin_address", "there is no Envoy"),
            .ignored("envoy_admin_access_log_path", "there is no Envoy"),
            .ignored("envoy_admin_profile_path", "there is no Envoy"),
            .ignored("envoy_bind_config_source_address", "there is no Envoy"),
            .ignored("envoy_bind_config_freebind", "there is no Envoy"),
            .ignored("envoy_dynamic_extensions", "there is no Envoy"),
        ])

    /// Reference: configuration sections 1.1 and 3. Read by the loader, after everything else.
    static let routeLists = SettingGroup(
        title: "Routes",
        settings: [
            .custom(
                "routes", type: "list of routes", default: "[]",
                "What is served, see [route options](route-options.md). The first route that matches a request's host and path decides.",
                form: .encodedList
            ) { _, _ in },
            .custom(
                "policy", type: "list of routes", default: "[]", "Older name of `routes`; where both are there, its routes come first.",
                form: .encodedList
            ) { _, _ in },
        ])

    /// Reference: configuration section 1.1.
    static let removed = SettingGroup(
        title: "Removed",
        settings: [
            .removed("client_ca", "use downstream_mtls, which a later version will have"),
            .removed("client_ca_file", "use downstream_mtls, which a later version will have"),
            .removed("idp_service_account", "directory data does not come through the identity provider any more, remove it"),
            .removed("idp_refresh_directory_timeout", "directory data does not come through the identity provider any more, remove it"),
            .removed("idp_refresh_directory_interval", "directory data does not come through the identity provider any more, remove it"),
            .removed("idp_qps", "directory data does not come through the identity provider any more, remove it"),
            .removed("tracing_provider", "use otel_traces_exporter"),
            .removed("tracing_sample_rate", "use otel_traces_sampler_arg"),
            .removed("tracing_datadog_address", "use otel_exporter_otlp_endpoint"),
            .removed("tracing_jaeger_collector_endpoint", "use otel_exporter_otlp_endpoint"),
            .removed("tracing_jaeger_agent_endpoint", "use otel_exporter_otlp_endpoint"),
            .removed("tracing_zipkin_endpoint", "use otel_exporter_otlp_endpoint"),
            .removed("authenticate_callback_path", "the callback is always /oauth2/callback, remove it"),
            .removed("policy_file", "write the routes under routes"),
        ])
}
