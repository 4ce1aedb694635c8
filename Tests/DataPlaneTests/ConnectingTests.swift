import Foundation
import NIOCore
import Routing
import Testing

@testable import DataPlane

@Suite struct ConnectingTests {
    @Test func anAddressThatDoesNotAnswerHoldsNobodyUp() async throws {
        let stuck = try StuckPort()
        let upstream = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let lookup = NameLookup { _, port in
            [try SocketAddress(ipAddress: "127.0.0.1", port: stuck.port), try SocketAddress(ipAddress: "127.0.0.1", port: Int(port))]
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], host: "app.internal")], lookup: lookup)) { (proxy) async throws in
            let start = ContinuousClock.now
            #expect(try await proxy.get("/").text == "ok")
            let took = ContinuousClock.now - start
            #expect(took >= .milliseconds(240) && took < .seconds(4), "\(took)")
        }
    }

    @Test func givesUpOnAddressesThatDoNotAnswer() async throws {
        let stuck = try StuckPort()
        let port = stuck.port
        try await withProxy(TestProxy(routes: [.test(to: [port])], settings: { $0.connectTimeout = 100_000_000 })) { (proxy) async throws in
            #expect(try await proxy.get("/").status == 503)
            #expect(try await proxy.detail() == "upstream_reset_before_response_started{connection_timeout}")
            #expect(proxy.server.targets(of: proxy.holder.snapshot.routes.routes[0]).load.connections.value == 0)
        }
    }

    @Test func reachesASocketFile() async throws {
        let path = "/tmp/postern-test-\(UUID().uuidString).sock"
        let server = try SocketFileServer(path: path)
        let target = UpstreamTarget(scheme: .unix, host: path, port: 0, authority: "")
        try await withProxy(TestProxy(routes: [.test(destination: .upstream([target]))])) { (proxy) async throws in
            let reply = try await proxy.get("/x")
            #expect(reply.status == 200)
            #expect(reply.text.hasPrefix("GET /x HTTP/1.1\r\nHost: app.test\r\n"))
            #expect(try await proxy.get("/y").text.hasPrefix("GET /y "))
            #expect(try await proxy.log().first?["upstream-host"] == path)
        }
        server.close()
    }

    @Test func saysThatASocketFileIsNotThere() async throws {
        let target = UpstreamTarget(scheme: .unix, host: "/nowhere/app.sock", port: 0, authority: "")
        try await withProxy(TestProxy(routes: [.test(destination: .upstream([target]))])) { (proxy) async throws in
            #expect(try await proxy.get("/").status == 503)
            let detail = try await proxy.detail()
            #expect(
                detail
                    == "upstream_reset_before_response_started{connection_failure|delayed_connect_error:_No_such_file_or_directory}")
        }
    }

    @Test func aSessionStaysAtItsTarget() async throws {
        let upstreams = try (0..<4).map { try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\($0)") }
        for policy in [LoadBalancingPolicy.ringHash, .maglev] {
            let route = CompiledRoute.test(to: upstreams.map(\.port)) { $0.loadBalancing = policy }
            try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
                var answers: Set<String> = []
                for _ in 0..<12 { answers.insert(try await proxy.get("/").text) }
                #expect(answers.count == 1)
            }
        }
    }

    /// The one that the hash names is gone.
    @Test func aSessionFindsAnotherTarget() async throws {
        let closed = try ClosedPort()
        let dead = closed.port
        let upstream = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        for policy in LoadBalancingPolicy.allCases {
            let route = CompiledRoute.test(to: [dead, upstream.port]) { $0.loadBalancing = policy }
            try await withProxy(TestProxy(routes: [route])) { (proxy) async throws in
                for _ in 0..<6 { #expect(try await proxy.get("/").text == "ok", "\(policy)") }
            }
        }
    }
}
