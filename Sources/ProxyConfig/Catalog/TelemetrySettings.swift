extension SettingGroup {
    /// Reference: configuration sections 2.15 and 2.16.
    static let telemetry = SettingGroup(
        title: "Metrics and traces",
        settings: [
            "metrics_address", "metrics_basic_auth", "metrics_certificate", "metrics_certificate_key", "metrics_certificate_file",
            "metrics_certificate_key_file", "metrics_client_ca", "metrics_client_ca_file",
        ].map { .notYet($0, "metrics are not served") }
            + [
                "otel_exporter_otlp_endpoint", "otel_exporter_otlp_traces_endpoint", "otel_exporter_otlp_protocol",
                "otel_exporter_otlp_traces_protocol", "otel_exporter_otlp_headers", "otel_exporter_otlp_traces_headers",
                "otel_exporter_otlp_timeout", "otel_exporter_otlp_traces_timeout", "otel_traces_sampler_arg", "otel_resource_attributes",
                "otel_log_level",
            ].map { .notYet($0, "traces are not sent") }
            + [.notYet("otel_traces_exporter", harmless: ["none"], "traces are not sent")]
            + ["otel_attribute_value_length_limit", "otel_bsp_schedule_delay", "otel_bsp_max_export_batch_size"].map {
                .ignored($0, "traces are not sent")
            })
}
