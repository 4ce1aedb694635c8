import Diagnostics
import ProxyConfig
import Routing
import Testing

@Suite struct UpstreamSettingsTests {
    private func load(_ text: String) throws -> ConfigSnapshot { try SampleConfig.loader(text, environment: [:], files: [:]).load("config.yaml") }

    private func problem(_ text: String) -> String? {
        do {
            _ = try load(text)
            return nil
        } catch {
            return (error as? DiagnosticError)?.report.sorted.first { $0.severity == .error }?.message
        }
    }

    @Test func readsNamesAndThresholds() throws {
        let config = try load(
            """
            dns_refresh_rate: 1m
            dns_failure_refresh_rate: 1ms
            dns_query_timeout: 0s
            circuit_breaker_thresholds: {max_connections: 5, max_retries: 0}
            routes:
              - {from: "https://a.localhost", to: "http://a", allow_any_authenticated_user: true}
              - {from: "https://b.localhost", to: "http://a", allow_any_authenticated_user: true, circuit_breaker_thresholds: {max_connections: 9}}
            """)
        #expect(config.settings.dnsRefreshRate == 60_000_000_000)
        #expect(config.settings.dnsFailureRefreshRate == 1_000_000)
        #expect(config.settings.dnsQueryTimeout == 0)
        let expected = CircuitBreakerThresholds(maxConnections: 5, maxPendingRequests: 1024, maxRequests: 1024, maxRetries: 0)
        #expect(config.routes[0].circuitBreaker == expected)
        #expect(config.routes[1].circuitBreaker == CircuitBreakerThresholds(maxConnections: 9).over(expected))
    }

    @Test(arguments: [
        ("dns_refresh_rate: 0s", "config: dns_refresh_rate must be at least 1ms"),
        ("dns_failure_refresh_rate: 10us", "config: dns_failure_refresh_rate must be at least 1ms"),
        ("dns_query_timeout: -1s", "config: dns_query_timeout must be positive"),
        ("circuit_breaker_thresholds: {max_requests: many}", "circuit_breaker_thresholds: max_requests must be a whole number, found many"),
        (
            "dns_resolvers: [\"udp://1.2.3.4:53\"]",
            "dns_resolvers is not supported by this version, and without it names are asked of the system's resolver (resolv.conf), which may know other addresses"
        ),
    ])
    func refusesWhatCannotBe(line: String, message: String) {
        #expect(problem(line + "\n") == message)
    }
}
