import Foundation
import HTTPEndpoints
import Logging
import NIOCore
import NIOPosix
import Routing
import Synchronization
import Testing

@testable import DataPlane

/// Health checks against servers on loopback.
@Suite struct HealthCheckTests {
    private static func check(_ probe: HealthCheck.Probe, interval: Int64 = 20_000_000) -> HealthCheck {
        var check = HealthCheck(probe: probe, timeout: 2_000_000_000, interval: interval, healthyThreshold: 2, unhealthyThreshold: 2)
        check.noTrafficInterval = interval
        return check
    }

    /// Waits until the proxy answers as expected ten times in a row.
    private func wait(_ proxy: TestProxy, for isExpected: (Message) -> Bool) async throws {
        var inARow = 0
        for _ in 0..<1000 {
            inARow = isExpected(try await proxy.get("/")) ? inARow + 1 : 0
            if inARow == 10 { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("the proxy did not come to answer as expected")
    }

    @Test func leavesOutATargetWhileItsCheckFails() async throws {
        let isWell = Flag(true)
        let flaky = try Upstream { socket in
            while true {
                let request = try socket.receiveMessage()
                let status = request.startLine.contains(" /up ") && !isWell.value ? "503 Service Unavailable" : "200 OK"
                try socket.send("HTTP/1.1 \(status)\r\nContent-Length: 1\r\n\r\na")
            }
        }
        let steady = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb")
        let route = CompiledRoute.test(to: [flaky.port, steady.port]) { $0.healthChecks = [Self.check(.http(HTTPProbe(path: "/up")))] }
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            var answers: Set<String> = []
            for _ in 0..<10 { answers.insert(try await proxy.get("/").text) }
            #expect(answers == ["a", "b"])
            isWell.value = false
            try await wait(proxy) { $0.text == "b" }
            isWell.value = true
            for _ in 0..<1000 where try await proxy.get("/").text != "a" { try await Task.sleep(for: .milliseconds(5)) }
            let both = [try await proxy.get("/").text, try await proxy.get("/").text]
            #expect(both.sorted() == ["a", "b"])
        }
    }

    @Test func answersItselfWhereNoTargetIsHealthy() async throws {
        let closed = try ClosedPort()
        let port = closed.port
        let route = CompiledRoute.test(to: [port]) {
            $0.healthChecks = [Self.check(.tcp(TCPProbe()))]
            $0.healthyPanicThreshold = 0
        }
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            try await wait(proxy) { $0.text.contains("no_healthy_upstream") || $0.status == 503 }
            let line = try #require(try await proxy.log(10).last)
            #expect(line["response-code-details"] == "no_healthy_upstream")
            #expect(line["response-flags"] == "UH")
            #expect(line["response-code"] == "503")
        }
    }

    @Test(arguments: [HealthCheck.Probe.grpc(service: "app.Main", authority: nil), .http(HTTP2Probe.probe)])
    func asksOverHTTP2(probe: HealthCheck.Probe) async throws {
        let health = try await HealthServer()
        let upstream = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
        let port = UInt16(health.port)
        let route = CompiledRoute.test(to: [upstream.port]) {
            var check = Self.check(probe)
            check.altPort = port
            $0.healthChecks = [check]
            $0.healthyPanicThreshold = 0
        }
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            try await wait(proxy) { $0.text == "a" && health.asked.load(ordering: .relaxed) > 2 }
            if case .grpc = probe { #expect(health.lastService == "app.Main") }
            health.isServing.store(false, ordering: .relaxed)
            try await wait(proxy) { $0.status == 503 }
            health.isServing.store(true, ordering: .relaxed)
            try await wait(proxy) { $0.text == "a" }
        }
        try await health.stop()
    }

    private enum HTTP2Probe {
        static var probe: HTTPProbe {
            var probe = HTTPProbe(path: "/up")
            probe.usesHTTP2 = true
            return probe
        }
    }

    /// Whether the target's certificate is trusted, and so whether the target is healthy.
    @Test(arguments: [true, false]) func asksOverTLS(isTrusted: Bool) async throws {
        let certificates = try TestCertificates.shared.get()
        let answer = CompiledRoute.test(from: "*", destination: .response(DirectResponse(status: 200, body: "secret")))
        try await withProxy(TestProxy(routes: [answer], serverTLS: certificates.server(certificates.valid))) { upstream in
            let route = CompiledRoute.test(to: [upstream.port], scheme: .https) {
                $0.healthChecks = [Self.check(.http(HTTPProbe(path: "/up")))]
                $0.healthyPanicThreshold = 0
            }
            let client = try certificates.client(trusting: isTrusted ? certificates.valid : nil)
            try await withProxy(TestProxy(routes: [route], clientTLS: client)) { (proxy) async throws in
                try await wait(proxy) { isTrusted ? $0.text == "secret" : $0.status == 503 }
                let last = try #require(try await proxy.log(10).last)
                #expect(last["response-code-details"] == (isTrusted ? "via_upstream" : "no_healthy_upstream"))
                if isTrusted { #expect(try await upstream.log(12).contains { $0["user-agent"] == HealthProbe.userAgent }) }
            }
        }
    }

    @Test func looksForWhatATargetSays() async throws {
        let says = Flag(true)
        let server = try Upstream { socket in
            while true {
                let bytes = try socket.receive()
                guard !bytes.isEmpty else { return }
                if String(decoding: bytes, as: UTF8.self).hasPrefix("PING") {
                    try socket.send(says.value ? "+PONG" : "-DOWN")
                } else {
                    try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
                }
            }
        }
        let probe = TCPProbe(send: Array("PING".utf8), receive: [Array("PONG".utf8)])
        let route = CompiledRoute.test(to: [server.port]) {
            var check = Self.check(.tcp(probe))
            check.timeout = 50_000_000
            $0.healthChecks = [check]
            $0.healthyPanicThreshold = 0
        }
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            try await wait(proxy) { $0.text == "a" }
            says.value = false
            try await wait(proxy) { $0.status == 503 }
        }
    }

    /// On a loop of the test's own.
    @Test func checksFollowTheSnapshot() async throws {
        let asked = Counter()
        let server = try Upstream { socket in
            _ = try socket.receiveMessage()
            asked.increment()
            try socket.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        }
        let checked = CompiledRoute.test(to: [server.port]) { $0.healthChecks = [Self.check(.http(HTTPProbe(path: "/")), interval: 5_000_000)] }
        let again = CompiledRoute.test(to: [server.port, 9]) { $0.healthChecks = checked.definition.healthChecks }
        let holder = SnapshotHolder(Self.snapshot([checked]))
        let registry = TargetRegistry(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let watch = try await loop.submit {
            NIOLoopBound(
                HealthWatch(eventLoop: loop, holder: holder, registry: registry, resolver: NameResolver(eventLoop: loop)), eventLoop: loop)
        }.get()
        let tick = { @Sendable () async throws -> Int in
            try await loop.submit {
                watch.value.tick()
                return watch.value.proberCount
            }.get()
        }
        #expect(try await tick() == 1)
        let health = registry.targets(of: checked).health[0]
        for _ in 0..<500 where health.isHealthy { try await Task.sleep(for: .milliseconds(5)) }
        #expect(!health.isHealthy)

        holder.replace(Self.snapshot([again]))
        #expect(try await tick() == 2)
        #expect(registry.targets(of: again).health[0] === health)
        #expect(!health.isHealthy)

        holder.replace(Self.snapshot([.test(to: [server.port])]))
        #expect(try await tick() == 0)
        // A probe that was on its way may still arrive.
        try await Task.sleep(for: .milliseconds(50))
        let count = asked.value
        try await Task.sleep(for: .milliseconds(100))
        #expect(asked.value == count)
        try await group.shutdownGracefully()
    }

    private static func snapshot(_ routes: [CompiledRoute]) -> DataPlaneSnapshot {
        DataPlaneSnapshot(
            routes: RouteTable(routes), settings: DataPlaneSettings(), controlRouter: EndpointRouter([], authenticateHost: "authenticate.test"),
            serverTLS: nil, upstreamTLS: { _, _ in throw ChannelError.eof },
            makeAuthorizer: { _ in StubAuthorizer { request, _ in .decided(.permit(.test(request.route))) } })
    }

    @Test func takesOutATargetThatAnswersWithErrors() async throws {
        let bad = try Upstream.fixed("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 1\r\n\r\nx")
        let good = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
        let route = CompiledRoute.test(to: [bad.port, good.port]) {
            var outliers = OutlierDetection()
            outliers.consecutive5xx = 3
            outliers.maxEjectionPercent = 50
            $0.outlierDetection = outliers
        }
        try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
            var statuses: [Int] = []
            for _ in 0..<20 { statuses.append(try await proxy.get("/").status) }
            #expect(statuses.count { $0 == 500 } == 3)
            #expect(statuses.suffix(14).allSatisfy { $0 == 200 })
        }
    }
}

/// A switch that a test turns while its upstream looks at it.
final class Flag: Sendable {
    private let state: Atomic<Bool>
    init(_ value: Bool) { state = Atomic(value) }
    var value: Bool {
        get { state.load(ordering: .relaxed) }
        set { state.store(newValue, ordering: .relaxed) }
    }
}
