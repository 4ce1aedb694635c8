import Authorize
import DataPlane
import Decisions
import Foundation
import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Observability
import ProxyConfig

/// `/metrics` of the metrics listener (reference: configuration section 2.15).
struct MetricsEndpoint: ControlEndpoint {
    let pattern = EndpointPattern(.exact("/metrics"))
    let methods: [HTTPRequest.Method] = [.get]
    let installation: Installation
    let server: ProxyServer
    let memory: MemoryWatch
    let version: String

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        if let credentials = installation.current.config.settings.metricsBasicAuth, !Self.shows(request, credentials) {
            var response = ControlResponse.text("Unauthorized\n", status: .unauthorized)
            response.headers[.wwwAuthenticate] = "Basic realm=\"metrics\", charset=\"UTF-8\""
            return response
        }
        var response = ControlResponse.text(await text())
        response.headers[.contentType] = PrometheusText.contentType
        return response
    }

    /// Digests are compared, so that the time tells nothing, not even a length.
    private static func shows(_ request: ControlRequest, _ credentials: BasicCredentials) -> Bool {
        let given = request.headers[.authorization] ?? ""
        guard given.lowercased().hasPrefix("basic "), let data = Data(base64Encoded: String(given.dropFirst(6)).filter { $0 != " " }) else {
            return false
        }
        let wanted = RandomToken.digest("\(credentials.user):\(credentials.password)")
        return RandomToken.constantTimeEquals(Array(RandomToken.digest(String(decoding: data, as: UTF8.self)).utf8), Array(wanted.utf8))
    }

    private func text() async -> String {
        var metrics = PrometheusText()
        metrics.metric("pomerium_build_info", .gauge, "The version that runs.")
        metrics.sample("pomerium_build_info", 1, ["service": "all", "version": version])
        configuration(&metrics)
        traffic(&metrics, await server.traffic())
        memory.current.write(to: &metrics, refused: server.memoryRefusals)
        ProcessMetrics.write(to: &metrics, startedAt: installation.processStart)
        return metrics.text
    }

    private func configuration(_ metrics: inout PrometheusText) {
        let state = installation.reloads.current
        metrics.metric("pomerium_config_last_reload_success", .gauge, "1 if the last attempt to load the configuration succeeded, else 0.")
        metrics.sample("pomerium_config_last_reload_success", state.lastError == nil ? 1 : 0)
        metrics.metric("pomerium_config_last_reload_success_timestamp", .gauge, "When the configuration in force was loaded, in unix seconds.")
        metrics.sample("pomerium_config_last_reload_success_timestamp", state.loadedAt / 1_000_000_000)
        metrics.metric("pomerium_config_checksum_int64", .gauge, "Changes with the configuration in force.")
        metrics.sample("pomerium_config_checksum_int64", state.checksum)
        metrics.metric("pomerium_config_reloads_total", .counter, "Configurations put in force since the start.")
        metrics.sample("pomerium_config_reloads_total", state.reloads)
        metrics.metric("pomerium_config_reload_failures_total", .counter, "Configurations refused since the start.")
        metrics.sample("pomerium_config_reload_failures_total", state.failures)
        metrics.metric("pomerium_config_needs_restart", .gauge, "Settings whose new values count after a restart.")
        metrics.sample("pomerium_config_needs_restart", state.needsRestart.count)
        metrics.metric("pomerium_config_refused_routes", .gauge, "Routes in force that answer nothing but 503, because they are wrong.")
        metrics.sample("pomerium_config_refused_routes", state.refusedRoutes.count)
        metrics.metric("pomerium_policy_count_total", .gauge, "Routes of the configuration in force.")
        metrics.sample("pomerium_policy_count_total", state.routes)
    }

    private func traffic(_ metrics: inout PrometheusText, _ counted: TrafficCounters) {
        metrics.metric(
            "pomerium_http_server_requests_total", .counter, "Finished requests of visitors; status none: the client left before an answer.")
        for (digit, count) in counted.finished.enumerated() {
            metrics.sample("pomerium_http_server_requests_total", count, ["http_status_class": digit == 0 ? "none" : "\(digit)xx"])
        }
        metrics.metric("pomerium_http_server_active_requests", .gauge, "Requests under way, streams and tunnels included.")
        metrics.sample("pomerium_http_server_active_requests", counted.active)
        let duration = "pomerium_http_server_request_duration_seconds"
        metrics.metric(duration, .histogram, "From the head of a request to the last byte of its answer.")
        var sum: UInt64 = 0
        for (bound, count) in zip(TrafficCounters.bounds, counted.durations) {
            sum &+= count
            metrics.sample("\(duration)_bucket", sum, ["le": "\(Double(bound) / 1e9)"])
        }
        sum &+= counted.durations.last ?? 0
        metrics.sample("\(duration)_bucket", sum, ["le": "+Inf"])
        metrics.sample("\(duration)_sum", Double(counted.durationSum) / 1e9)
        metrics.sample("\(duration)_count", sum)
        metrics.metric("pomerium_http_server_connections", .gauge, "Open client connections, on all listeners.")
        metrics.sample("pomerium_http_server_connections", server.connectionCount)
        let refused = server.refusedConnections
        metrics.metric(
            "pomerium_http_server_connections_refused_total", .counter, "Connections closed at once because there were too many, or no memory.")
        metrics.sample("pomerium_http_server_connections_refused_total", refused.total, ["limit": "total"])
        metrics.sample("pomerium_http_server_connections_refused_total", refused.address, ["limit": "address"])
        metrics.sample("pomerium_http_server_connections_refused_total", refused.memory, ["limit": "memory"])
        metrics.metric("pomerium_upstream_failures_total", .counter, "Requests that got no answer from their application.")
        metrics.sample("pomerium_upstream_failures_total", counted.upstreamFailures)
        metrics.metric("pomerium_sessions_in_memory", .gauge, "Sessions that were used and are kept in memory.")
        metrics.sample("pomerium_sessions_in_memory", installation.sessions.count)
        let decisions = installation.parts.decisions.counters
        metrics.metric("postern_decision_log_records_total", .counter, "Decisions that were written to the decision log, and those that were lost.")
        metrics.sample("postern_decision_log_records_total", decisions.stored, ["result": "stored"])
        metrics.sample("postern_decision_log_records_total", decisions.dropped, ["result": "dropped"])
        metrics.metric(
            "postern_policy_shadow_total", .counter,
            "Requests on routes with a shadow policy: who is refused would gain access, who is allowed would lose it, or it stays the same.")
        for (route, counts) in installation.parts.decisions.shadowCounts.sorted(by: { $0.key < $1.key }) {
            for (change, count) in [("gains", counts.gains), ("loses", counts.loses), ("same", counts.same)] {
                metrics.sample("postern_policy_shadow_total", count, ["route": route, "change": change])
            }
        }
        let health = installation.health.probe(.ready)
        metrics.metric("pomerium_health_status", .gauge, "1 if the part runs without a fault, else 0.")
        for entry in health.checks {
            metrics.sample("pomerium_health_status", entry.check.status == .running && entry.check.error == nil ? 1 : 0, ["check": entry.name])
        }
    }
}
