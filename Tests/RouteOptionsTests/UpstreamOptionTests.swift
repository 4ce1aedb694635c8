import Diagnostics
import Routing
import Testing

@Suite struct UpstreamOptionTests {
    private static let required = "timeout: 1s, interval: 5s, healthy_threshold: 2, unhealthy_threshold: 3"

    private func check(_ probe: String, more: String = "") throws -> (check: HealthCheck?, codes: [String]) {
        let (route, diagnostics) = try SampleRoute.decode("to: http://a\nhealth_checks: [{\(Self.required), \(probe)\(more)}]")
        return (route.healthChecks.first, diagnostics.map(\.code))
    }

    @Test(arguments: [
        ("ROUND_ROBIN", LoadBalancingPolicy.roundRobin), ("least_request", .leastRequest), ("RANDOM", .random), ("RING_HASH", .ringHash),
        ("MAGLEV", .maglev),
    ])
    func readsLoadBalancingPolicies(text: String, policy: LoadBalancingPolicy) throws {
        let (route, diagnostics) = try SampleRoute.decode("to: http://a\nload_balancing_policy: \(text)")
        #expect(route.loadBalancing == policy)
        #expect(diagnostics.isEmpty)
    }

    @Test(arguments: [
        ("load_balancing_policy: FASTEST", "unknown-value"), ("healthy_panic_threshold: 101", "out-of-range"),
        ("healthy_panic_threshold: half", "wrong-type"), ("circuit_breaker_thresholds: 5", "wrong-type"),
        ("circuit_breaker_thresholds: {max_conections: 5}", "unknown-key"), ("circuit_breaker_thresholds: {max_requests: -1}", "out-of-range"),
        ("circuit_breaker_thresholds: {max_connection_pools: 1}", "ignored-setting"), ("outlier_detection: []", "wrong-type"),
        ("outlier_detection: {interval: 0s, always_eject_one_host: true}", "out-of-range"), ("outlier_detection: {}", "outliers-never-ejected"),
        ("outlier_detection: {max_ejection_percent: 101, always_eject_one_host: true}", "out-of-range"), ("health_checks: {}", "none"),
        ("health_checks: {a: b}", "wrong-type"),
    ])
    func reportsWhatItCannotRead(line: String, code: String) throws {
        let codes = try SampleRoute.decode("to: http://a\n\(line)").diagnostics.map(\.code)
        #expect(codes == (code == "none" ? [] : [code]))
    }

    @Test func readsThresholdsAndPanic() throws {
        let (route, diagnostics) = try SampleRoute.decode(
            "to: http://a\nhealthy_panic_threshold: 0\ncircuit_breaker_thresholds: {max_connections: 1, max_pending_requests: 2, max_requests: 3, max_retries: 0}"
        )
        #expect(route.healthyPanicThreshold == 0)
        #expect(
            route.circuitBreaker == CircuitBreakerThresholds(maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRetries: 0))
        #expect(diagnostics.isEmpty)
    }

    @Test func thresholdsInheritOneByOne() {
        let own = CircuitBreakerThresholds(maxConnections: 5)
        let global = CircuitBreakerThresholds(maxConnections: 7, maxRetries: 1)
        let all = own.over(global).over(.standard)
        #expect(all == CircuitBreakerThresholds(maxConnections: 5, maxPendingRequests: 1024, maxRequests: 1024, maxRetries: 1))
    }

    @Test func readsOutlierDetectionInBothSpellings() throws {
        let (route, diagnostics) = try SampleRoute.decode(
            """
            to: [http://a, http://b]
            outlier_detection: {consecutive_5xx: 2, consecutiveGatewayFailure: 3, baseEjectionTime: 1s, max_ejection_percent: 50, split_external_local_origin_errors: true}
            """)
        let settings = try #require(route.outlierDetection)
        #expect(settings.consecutive5xx == 2)
        #expect(settings.consecutiveGatewayFailure == 3)
        #expect(settings.baseEjectionTime == 1_000_000_000)
        #expect(settings.maxEjectionPercent == 50)
        #expect(settings.splitExternalLocalOriginErrors)
        #expect(settings.interval == 10_000_000_000)
        #expect(diagnostics.isEmpty)
    }

    @Test func readsHTTPChecks() throws {
        let (check, codes) = try check(
            "http_health_check: {path: /up, host: app, expected_statuses: [{start: 200, end: 300}, {start: 401, end: 402}], method: HEAD}",
            more: ", no_traffic_interval: 2s, alt_port: 81, interval_jitter_percent: 10")
        let found = try #require(check)
        guard case .http(let probe) = found.probe else { return #expect(Bool(false), "\(found.probe)") }
        #expect(probe.path == "/up")
        #expect(probe.host == "app")
        #expect(probe.expected == [200..<300, 401..<402])
        #expect(probe.method == "HEAD")
        #expect(found.timeout == 1_000_000_000)
        #expect(found.interval == 5_000_000_000)
        #expect(found.healthyThreshold == 2)
        #expect(found.unhealthyThreshold == 3)
        #expect(found.noTrafficInterval == 2_000_000_000)
        #expect(found.altPort == 81)
        #expect(codes.isEmpty)
    }

    @Test func readsTCPAndGRPCChecks() throws {
        #expect(
            try check("tcp_health_check: {send: {text: \"50494e47\"}, receive: [{binary: UE9ORw==}]}").check?.probe
                == .tcp(TCPProbe(send: Array("PING".utf8), receive: [Array("PONG".utf8)])))
        #expect(try check("tcp_health_check: {}").check?.probe == .tcp(TCPProbe()))
        #expect(
            try check("grpc_health_check: {service_name: a.B, authority: b.example}").check?.probe
                == .grpc(service: "a.B", authority: "b.example"))
        #expect(try check("grpc_health_check: {}").check?.probe == .grpc(service: "", authority: nil))
    }

    @Test(arguments: [
        ("http_health_check: {}", "missing-key"), ("http_health_check: {path: up}", "invalid-path"),
        ("http_health_check: {path: \"/a b\"}", "invalid-path"), ("http_health_check: {path: /, codec_client_type: HTTP3}", "unknown-value"),
        ("http_health_check: {path: /, expected_statuses: [{start: 300, end: 200}]}", "invalid-range"),
        ("http_health_check: {path: /}, tcp_health_check: {}", "missing-probe"), ("alt_port: 5", "missing-probe"),
        ("tcp_health_check: {send: {text: abc}}", "invalid-payload"), ("http_health_check: {path: /}, reuse_connection: true", "ignored-setting"),
        ("http_health_check: {path: /}, intervall: 1s", "unknown-key"), ("grpc_health_check: {authority: \"a b\"}", "invalid-host"),
    ])
    func reportsChecksThatCannotBeMade(probe: String, code: String) throws {
        #expect(try check(probe).codes == [code])
    }

    @Test(arguments: ["timeout", "interval", "healthy_threshold", "unhealthy_threshold"])
    func wantsWhatAPolicyOfChecksNeeds(missing: String) throws {
        let rest = Self.required.split(separator: ", ").filter { !$0.hasPrefix(missing + ":") }.joined(separator: ", ")
        let (route, diagnostics) = try SampleRoute.decode("to: http://a\nhealth_checks: [{\(rest), tcp_health_check: {}}]")
        #expect(diagnostics.map(\.code) == ["missing-key"])
        #expect(diagnostics.first?.message == "health_checks needs \(missing)")
        #expect(route.healthChecks.isEmpty)
    }

    @Test(arguments: [
        ("unix:///run/app.sock", UpstreamTarget(scheme: .unix, host: "/run/app.sock", port: 0, authority: "")),
        ("unix:/run/app.sock", UpstreamTarget(scheme: .unix, host: "/run/app.sock", port: 0, authority: "")),
        ("https+unix:///run/App.sock,3", UpstreamTarget(scheme: .unixTLS, host: "/run/App.sock", port: 0, authority: "", weight: 3)),
    ])
    func readsSocketFiles(text: String, target: UpstreamTarget) throws {
        let (route, diagnostics) = try SampleRoute.decode("to: \"\(text)\"")
        #expect(route.to == [target])
        #expect(route.toPath == nil)
        #expect(diagnostics.isEmpty)
    }

    @Test(arguments: [
        ("\"unix://app.sock\"", "invalid-url"), ("\"unix:///\"", "invalid-url"), ("\"unix:///a?b\"", "invalid-url"),
        ("\"http+unix:///a\"", "unsupported-scheme"), ("[\"unix:///a\", \"http://a\"]", "mixed-targets"),
        ("\"unix:///\(String(repeating: "a", count: 107))\"", "invalid-url"),
    ])
    func refusesSocketFilesThatCannotBe(text: String, code: String) throws {
        #expect(try SampleRoute.decode("to: \(text)").diagnostics.map(\.code) == [code])
    }
}
