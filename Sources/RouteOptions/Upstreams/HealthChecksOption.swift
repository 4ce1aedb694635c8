import Diagnostics
import PolicyLanguage
import Routing

/// `health_checks`.
struct HealthChecksOption: RouteOption {
    let key = "health_checks"
    let reference = RouteOptionReference(
        type: "list of objects", defaultValue: "[]",
        text: """
            Asks every entry of `to` regularly whether it is well, and leaves out those that are not; with several checks all must pass. Each has \
            `timeout`, `interval`, `healthy_threshold` and `unhealthy_threshold`, which are required, and one of: `http_health_check` with `path` \
            and optionally `host`, `method`, `expected_statuses` (a list of {start, end}, end not included; 200 alone), `retriable_statuses` \
            (other statuses are unhealthy at once) and `codec_client_type` (`HTTP1` or `HTTP2`); `tcp_health_check` with `send` and `receive` (a \
            list), each {text: hex digits} or {binary: base64}; `grpc_health_check` with `service_name` and `authority`. Further: \
            `initial_jitter`, `interval_jitter`, `interval_jitter_percent`, `no_traffic_interval` (60s), `no_traffic_healthy_interval`, \
            `unhealthy_interval`, `unhealthy_edge_interval`, `healthy_edge_interval`, `alt_port`, `always_log_health_check_failures`. A target \
            counts as well until the first answer, which decides at once. Every check makes a connection of its own.
            """,
        example:
            "health_checks: [{timeout: 1s, interval: 5s, healthy_threshold: 2, unhealthy_threshold: 3, http_health_check: {path: /healthz}}]")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        if entry.value.isOff { return }
        guard let elements = entry.value.sequence else { return entry.mismatch("a list", &context.report) }
        guard elements.count <= 8 else {
            return context.report.error("too-many-checks", "a route can have at most 8 health_checks", at: entry.position)
        }
        for element in elements {
            guard var object = NestedObject(entry.part(element), name: key, &context.report) else { continue }
            if let check = check(&object, &context.report) { route.healthChecks.append(check) }
            object.finish(&context.report)
        }
    }

    private func check(_ object: inout NestedObject, _ report: inout DiagnosticReport) -> HealthCheck? {
        let thresholds = 1...Int(UInt32.max)
        let timeout = object.required("timeout", &report) { $0.interval("timeout", &$1) }
        let interval = object.required("interval", &report) { $0.interval("interval", &$1) }
        let healthy = object.required("healthy_threshold", &report) { $0.integer("healthy_threshold", in: thresholds, &$1) }
        let unhealthy = object.required("unhealthy_threshold", &report) { $0.integer("unhealthy_threshold", in: thresholds, &$1) }
        let probe = probe(&object, &report)
        var check = HealthCheck(
            probe: probe ?? .tcp(TCPProbe()), timeout: timeout ?? 1, interval: interval ?? 1, healthyThreshold: healthy ?? 1,
            unhealthyThreshold: unhealthy ?? 1)
        readFurther(&object, &check, &report)
        guard probe != nil, timeout != nil, interval != nil, healthy != nil, unhealthy != nil else { return nil }
        return check
    }

    private func readFurther(_ object: inout NestedObject, _ check: inout HealthCheck, _ report: inout DiagnosticReport) {
        if let value = object.duration("initial_jitter", &report) { check.initialJitter = value }
        if let value = object.duration("interval_jitter", &report) { check.intervalJitter = value }
        if let value = object.integer("interval_jitter_percent", in: 0...1000, &report) { check.intervalJitterPercent = value }
        if let value = object.interval("no_traffic_interval", &report) { check.noTrafficInterval = value }
        check.noTrafficHealthyInterval = object.interval("no_traffic_healthy_interval", &report)
        check.unhealthyInterval = object.interval("unhealthy_interval", &report)
        check.unhealthyEdgeInterval = object.interval("unhealthy_edge_interval", &report)
        check.healthyEdgeInterval = object.interval("healthy_edge_interval", &report)
        if let port = object.integer("alt_port", in: 1...65535, &report) { check.altPort = UInt16(port) }
        if let value = object.bool("always_log_health_check_failures", &report) { check.alwaysLogFailures = value }
        object.withoutEffect("reuse_connection", because: "every check makes a connection of its own", &report)
        for key in ["event_log_path", "event_logger", "always_log_health_check_success"] {
            object.withoutEffect(key, because: "changes of health go to the log", &report)
        }
        for key in ["tls_options", "transport_socket_match_criteria"] {
            object.withoutEffect(key, because: "checks speak TLS as requests do", &report)
        }
    }

    private func probe(_ object: inout NestedObject, _ report: inout DiagnosticReport) -> HealthCheck.Probe? {
        let position = object.position
        let http = object.take("http_health_check")
        let tcp = object.take("tcp_health_check")
        let grpc = object.take("grpc_health_check")
        if let custom = object.take("custom_health_check") {
            report.error("unsupported-setting", "\(custom.key) is not supported by this version", at: custom.keyPosition)
        }
        guard [http, tcp, grpc].count(where: { $0 != nil }) == 1 else {
            report.error(
                "missing-probe", "\(key) needs one of http_health_check, tcp_health_check and grpc_health_check", at: position)
            return nil
        }
        if let http { return httpProbe(http, &report) }
        if let tcp { return tcpProbe(tcp, &report) }
        return grpc.flatMap { grpcProbe($0, &report) }
    }
}

extension NestedObject {
    /// What `read` gives; that the key is missing is a problem too.
    fileprivate mutating func required<Value>(
        _ key: String, _ report: inout DiagnosticReport, _ read: (inout NestedObject, inout DiagnosticReport) -> Value?
    ) -> Value? {
        guard has(key) else {
            report.error("missing-key", "\(name) needs \(key)", at: position)
            return nil
        }
        return read(&self, &report)
    }
}
