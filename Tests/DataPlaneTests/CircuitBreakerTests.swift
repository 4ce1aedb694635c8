import Foundation
import Routing
import Testing

@testable import DataPlane

@Suite struct CircuitBreakerTests {
    private static let overflow = "upstream_reset_before_response_started{overflow}"

    /// An upstream that answers when it is told to; counts connections and requests.
    private final class Gate: Sendable {
        let connections = Counter()
        let requests = Counter()
        let isOpen = Flag(false)

        func upstream() throws -> Upstream {
            try Upstream { [self] socket in
                connections.increment()
                while true {
                    _ = try socket.receiveMessage()
                    requests.increment()
                    for _ in 0..<2000 where !isOpen.value { pause(milliseconds: 2) }
                    try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                }
            }
        }
    }

    private func until(_ isDone: () -> Bool) async throws {
        for _ in 0..<1000 where !isDone() { try await Task.sleep(for: .milliseconds(2)) }
        #expect(isDone())
    }

    private func load(of proxy: TestProxy, _ route: CompiledRoute) -> RouteLoad { proxy.server.targets(of: route).load }

    @Test func refusesWhatIsBeyondMaxRequests() async throws {
        let gate = Gate()
        let upstream = try gate.upstream()
        let route = CompiledRoute.test(to: [upstream.port], circuitBreaker: CircuitBreakerThresholds(maxRequests: 1))
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            async let first = proxy.get("/")
            try await until { gate.requests.value == 1 }
            let refused = try await proxy.get("/", headers: "Accept: application/json\r\n")
            #expect(refused.status == 503)
            #expect(refused.text.contains(Self.overflow))
            let line = try #require(try await proxy.log().first)
            #expect(line["response-code-details"] == Self.overflow)
            #expect(line["response-flags"] == "UO")
            gate.isOpen.value = true
            let answer = try await first
            #expect(answer.text == "ok")
            #expect(try await proxy.get("/").text == "ok")
            #expect(load(of: proxy, route).requests.value == 0)
        }
    }

    @Test func requestsWaitForTheConnectionsThatTheRouteMayHave() async throws {
        let gate = Gate()
        let upstream = try gate.upstream()
        let thresholds = CircuitBreakerThresholds(maxConnections: 1, maxPendingRequests: 2)
        let route = CompiledRoute.test(to: [upstream.port], circuitBreaker: thresholds)
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            async let first = proxy.get("/")
            try await until { gate.requests.value == 1 }
            let load = load(of: proxy, route)
            async let second = proxy.get("/")
            async let third = proxy.get("/")
            try await until { load.pending.value == 2 }
            #expect(try await proxy.get("/").status == 503)
            gate.isOpen.value = true
            let answers = try await [first.text, second.text, third.text]
            #expect(answers == ["ok", "ok", "ok"])
            #expect(gate.connections.value == 1)
            #expect(load.connections.value == 1)
            #expect(load.pending.value == 0)
        }
    }

    @Test func whoeverWaitsIsServedWhenAConnectionEnds() async throws {
        let gate = Gate()
        let upstream = try Upstream { socket in
            gate.connections.increment()
            _ = try socket.receiveMessage()
            gate.requests.increment()
            for _ in 0..<2000 where !gate.isOpen.value { pause(milliseconds: 2) }
            try socket.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        }
        let route = CompiledRoute.test(to: [upstream.port], circuitBreaker: CircuitBreakerThresholds(maxConnections: 1))
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            async let first = proxy.get("/")
            try await until { gate.requests.value == 1 }
            async let second = proxy.get("/")
            let load = load(of: proxy, route)
            try await until { load.pending.value == 1 }
            gate.isOpen.value = true
            let answers = try await [first.text, second.text]
            #expect(answers == ["ok", "ok"])
            #expect(gate.connections.value == 2)
        }
    }

    @Test func aClientThatLeavesWaitsNoLonger() async throws {
        let gate = Gate()
        let upstream = try gate.upstream()
        let route = CompiledRoute.test(to: [upstream.port], circuitBreaker: CircuitBreakerThresholds(maxConnections: 1, maxPendingRequests: 1))
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            async let first = proxy.get("/")
            try await until { gate.requests.value == 1 }
            let load = load(of: proxy, route)
            let port = proxy.port
            try await blocking {
                let socket = try Socket.connect(port: port)
                try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                for _ in 0..<1000 where load.pending.value == 0 { pause(milliseconds: 2) }
                socket.disconnect()
            }
            try await until { load.pending.value == 0 }
            async let third = proxy.get("/")
            try await until { load.pending.value == 1 }
            gate.isOpen.value = true
            let answers = try await [first.text, third.text]
            #expect(answers == ["ok", "ok"])
            #expect(gate.requests.value == 2)
        }
    }

    @Test func sendsNothingAgainWithoutRetries() async throws {
        let count = Counter()
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            count.increment()
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
            _ = try socket.receiveMessage()
            count.increment()
        }
        let route = CompiledRoute.test(to: [upstream.port], circuitBreaker: CircuitBreakerThresholds(maxRetries: 0))
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            #expect(try await proxy.get("/").status == 200)
            #expect(try await proxy.get("/").status == 503)
            #expect(count.value == 2)
            #expect(load(of: proxy, route).requests.value == 0)
        }
    }

    @Test func sendsNothingAgainOnANewConnection() async throws {
        let count = Counter()
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            count.increment()
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { (proxy) async throws in
            #expect(try await proxy.get("/").status == 503)
            #expect(count.value == 1)
        }
    }
}
