import Diagnostics
import Routing

/// `outlier_detection`.
struct OutlierDetectionOption: RouteOption {
    let key = "outlier_detection"
    let reference = RouteOptionReference(
        type: "object", defaultValue: "off; `{}` takes all defaults",
        text: """
            Takes a target out for a while because of how it answers real requests. Failures in a row: `consecutive_5xx` (5), \
            `consecutive_gateway_failure` (5; 502, 503, 504), `consecutive_local_origin_failure` (5; connecting, resets, timeouts; counted apart \
            with `split_external_local_origin_errors: true` alone). Rates, judged each `interval` (10s): `success_rate_stdev_factor` (1900), \
            `success_rate_minimum_hosts` (5), `success_rate_request_volume` (100), and `failure_percentage_threshold` (85), \
            `failure_percentage_minimum_hosts` (5), `failure_percentage_request_volume` (50). Each has a share of cases in which it acts: \
            `enforcing_consecutive_5xx` (100), `enforcing_consecutive_gateway_failure` (0), `enforcing_consecutive_local_origin_failure` (100), \
            `enforcing_success_rate` (100), `enforcing_failure_percentage` (0). An ejection lasts `base_ejection_time` (30s) times the ejections \
            in a row, at most `max_ejection_time` (5m), and up to `max_ejection_time_jitter` (0) more. At most `max_ejection_percent` (10) of the \
            targets are out at a time, or one with `always_eject_one_host: true`. With `successful_active_health_check_uneject_host` (true) a \
            health check that passes brings a target back.
            """,
        example: "outlier_detection: {consecutive_5xx: 3, max_ejection_percent: 50}")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard var object = NestedObject(entry, name: key, &context.report) else { return }
        var settings = OutlierDetection()
        readConsecutive(&object, &settings, &context.report)
        readEjection(&object, &settings, &context.report)
        readRates(&object, &settings, &context.report)
        for key in ["enforcing_local_origin_success_rate", "enforcing_failure_percentage_local_origin"] {
            object.withoutEffect(key, because: "rates are of all failures together", &context.report)
        }
        object.withoutEffect("monitors", because: "failures are counted by status and by connection alone", &context.report)
        object.finish(&context.report)
        route.outlierDetection = settings
    }

    private typealias Field = (key: String, path: WritableKeyPath<OutlierDetection, Int>)

    private func readConsecutive(_ object: inout NestedObject, _ settings: inout OutlierDetection, _ report: inout DiagnosticReport) {
        let counts: [Field] = [
            ("consecutive_5xx", \.consecutive5xx), ("consecutive_gateway_failure", \.consecutiveGatewayFailure),
            ("consecutive_local_origin_failure", \.consecutiveLocalOriginFailure),
        ]
        for (key, path) in counts {
            if let value = object.integer(key, in: 1...Int(UInt32.max), &report) { settings[keyPath: path] = value }
        }
        let shares: [Field] = [
            ("enforcing_consecutive_5xx", \.enforcingConsecutive5xx),
            ("enforcing_consecutive_gateway_failure", \.enforcingConsecutiveGatewayFailure),
            ("enforcing_consecutive_local_origin_failure", \.enforcingConsecutiveLocalOriginFailure),
        ]
        readShares(shares, &object, &settings, &report)
        if let value = object.bool("split_external_local_origin_errors", &report) { settings.splitExternalLocalOriginErrors = value }
    }

    private func readShares(
        _ fields: [Field], _ object: inout NestedObject, _ settings: inout OutlierDetection, _ report: inout DiagnosticReport
    ) {
        for (key, path) in fields {
            if let value = object.integer(key, in: 0...100, &report) { settings[keyPath: path] = value }
        }
    }

    private func readEjection(_ object: inout NestedObject, _ settings: inout OutlierDetection, _ report: inout DiagnosticReport) {
        let times: [(key: String, path: WritableKeyPath<OutlierDetection, Int64>)] = [
            ("interval", \.interval), ("base_ejection_time", \.baseEjectionTime), ("max_ejection_time", \.maxEjectionTime),
        ]
        for (key, path) in times {
            if let value = object.interval(key, &report) { settings[keyPath: path] = value }
        }
        if let value = object.duration("max_ejection_time_jitter", &report) { settings.maxEjectionTimeJitter = value }
        readShares([("max_ejection_percent", \.maxEjectionPercent)], &object, &settings, &report)
        if let value = object.bool("always_eject_one_host", &report) { settings.alwaysEjectOneHost = value }
        if let value = object.bool("successful_active_health_check_uneject_host", &report) { settings.uneject = value }
    }

    private func readRates(_ object: inout NestedObject, _ settings: inout OutlierDetection, _ report: inout DiagnosticReport) {
        let counts: [Field] = [
            ("success_rate_minimum_hosts", \.successRateMinimumHosts), ("success_rate_request_volume", \.successRateRequestVolume),
            ("success_rate_stdev_factor", \.successRateStdevFactor), ("failure_percentage_minimum_hosts", \.failurePercentageMinimumHosts),
            ("failure_percentage_request_volume", \.failurePercentageRequestVolume),
        ]
        for (key, path) in counts {
            if let value = object.integer(key, in: 0...Int(UInt32.max), &report) { settings[keyPath: path] = value }
        }
        let shares: [Field] = [
            ("enforcing_success_rate", \.enforcingSuccessRate), ("enforcing_failure_percentage", \.enforcingFailurePercentage),
            ("failure_percentage_threshold", \.failurePercentageThreshold),
        ]
        readShares(shares, &object, &settings, &report)
    }
}
