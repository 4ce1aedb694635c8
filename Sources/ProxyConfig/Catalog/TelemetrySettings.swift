import Diagnostics
import Foundation
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration sections 2.15 and 2.16.
    static let telemetry = SettingGroup(title: "Metrics and traces", settings: metrics + metricsEncryption + traces)

    private static let metrics: [Setting] = [
        .custom(
            "metrics_address", type: "address", default: "off",
            "Where `/metrics` answers in Prometheus' text format, over plain HTTP. Without a port 9902."
        ) { entry, context in
            guard let text = entry.string(&context.report), !text.isEmpty else { return }
            do throws(ListenAddress.Problem) {
                context.settings.metricsAddress = try ListenAddress(text, defaultPort: 9902)
            } catch {
                context.report.error(
                    "invalid-address", "config: invalid metrics_addr: \(error.message)", at: entry.position,
                    help: "write host:port or :port, for example :9902")
            }
        },
        .custom(
            "metrics_basic_auth", type: "base64 of `user:password`", default: "–",
            "Who may read `/metrics`. Without it everybody who reaches the address."
        ) { entry, context in
            guard let text = entry.nonEmptyString(&context.report) else { return }
            guard let data = Data(base64Encoded: text), let plain = String(validating: data, as: UTF8.self) else {
                context.report.error("invalid-base64", "config: metrics_basic_auth must be a base64 encoded string", at: entry.position)
                return
            }
            guard let colon = plain.firstIndex(of: ":") else {
                context.report.error(
                    "invalid-credentials", "config: metrics_basic_auth should contain a user name and password separated by a colon",
                    at: entry.position)
                return
            }
            context.settings.metricsBasicAuth = BasicCredentials(
                user: String(plain[..<colon]), password: String(plain[plain.index(after: colon)...]))
        },
    ]

    private static let metricsEncryption: [Setting] = [
        "metrics_certificate", "metrics_certificate_key", "metrics_certificate_file", "metrics_certificate_key_file", "metrics_client_ca",
        "metrics_client_ca_file",
    ].map { .notYet($0, refused: true, "metrics are served without TLS, to everybody who reaches the address") }

    private static let traces: [Setting] =
        [
            "otel_exporter_otlp_endpoint", "otel_exporter_otlp_traces_endpoint", "otel_exporter_otlp_protocol",
            "otel_exporter_otlp_traces_protocol", "otel_exporter_otlp_headers", "otel_exporter_otlp_traces_headers",
            "otel_exporter_otlp_timeout", "otel_exporter_otlp_traces_timeout", "otel_traces_sampler_arg", "otel_resource_attributes",
            "otel_log_level",
        ].map { .notYet($0, "traces are not sent") }
        + [.notYet("otel_traces_exporter", harmless: ["none"], "traces are not sent")]
        + ["otel_attribute_value_length_limit", "otel_bsp_schedule_delay", "otel_bsp_max_export_batch_size"].map {
            .ignored($0, "traces are not sent")
        }
}
