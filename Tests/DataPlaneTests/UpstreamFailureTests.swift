import Foundation
import NIOCore
import Routing
import Testing

@testable import DataPlane

@Suite struct UpstreamFailureTests {
    /// Response, status, code detail, flag.
    @Test(arguments: [
        ("", 503, "upstream_reset_before_response_started{connection_termination}", "UC"),
        ("HTTP/1.1 200", 503, "upstream_reset_before_response_started{connection_termination}", "UC"),
        ("SSH-2.0-OpenSSH\r\n", 502, "upstream_reset_before_response_started{protocol_error}", "UPE"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 502,
            "upstream_reset_before_response_started{protocol_error}", "UPE"
        ), ("HTTP/1.1 101 Switching Protocols\r\n\r\n", 502, "upstream_reset_before_response_started{protocol_error}", "UPE"),
    ])
    func namesWhatWentWrongBeforeTheAnswer(response: String, status: Int, detail: String, flag: String) async throws {
        let upstream = try Upstream.closing(response)
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let reply = try await proxy.get("/", headers: "Accept: application/json\r\n")
            #expect(reply.status == status)
            #expect(reply.text.contains("\"statusText\":\"\(detail)\""))
            #expect(reply["x-pomerium-intercepted-response"] == "true")
            #expect(reply["x-frame-options"] == "SAMEORIGIN")
            let line = try #require(try await proxy.log().first)
            #expect(line["response-code-details"] == detail)
            #expect(line["response-flags"] == flag)
            #expect(line["response-code"] == "\(status)")
        }
    }

    @Test func saysThatTheConnectionWasRefused() async throws {
        let closed = try ClosedPort()
        let port = closed.port
        try await withProxy(TestProxy(routes: [.test(to: [port])])) { proxy in
            let reply = try await proxy.get("/", headers: "Accept: text/html\r\n")
            #expect(reply.status == 503)
            #expect(reply.text.contains("refused"))
            #expect(
                try await proxy.detail()
                    == "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}")
        }
    }

    @Test func saysThatTheNameIsUnknown() async throws {
        let lookup = NameLookup { _, _ in throw NameLookup.Failure(reason: "name or service not known") }
        try await withProxy(TestProxy(routes: [.test(to: [80], host: "nowhere.test")], lookup: lookup)) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 503)
            #expect(try await proxy.detail() == "no_healthy_upstream{dns:name_or_service_not_known}")
        }
    }

    @Test func triesEveryAddressOfAName() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let closed = try ClosedPort()
        let dead = closed.port
        let lookup = NameLookup { _, port in
            [
                try SocketAddress(ipAddress: "::1", port: dead), try SocketAddress(ipAddress: "127.0.0.1", port: dead),
                try SocketAddress(ipAddress: "127.0.0.1", port: Int(port)),
            ]
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], host: "app.internal")], lookup: lookup)) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.text == "ok")
        }
    }

    @Test func triesAnotherDestinationWhenOneCannotBeReached() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let closed = try ClosedPort()
        let dead = closed.port
        try await withProxy(TestProxy(routes: [.test(to: [dead, upstream.port])])) { proxy in
            for _ in 0..<4 {
                let reply = try await proxy.get("/")
                #expect(reply.text == "ok")
            }
        }
    }

    @Test func givesUpConnectingInTime() async throws {
        // A listener that never accepts, with its queue full, lets connections hang.
        let lookup = NameLookup { _, port in [try SocketAddress(ipAddress: "192.0.2.1", port: Int(port))] }
        try await withProxy(
            TestProxy(routes: [.test(to: [81], host: "far.test")], lookup: lookup, settings: { $0.connectTimeout = 100_000_000 })
        ) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 503)
            let detail = try await proxy.detail()
            // Without any route to the documentation network the system says so at once.
            #expect(detail.hasPrefix("upstream_reset_before_response_started{"))
        }
    }

    @Test func cutsTheAnswerWhenTheUpstreamDiesInIt() async throws {
        let upstream = try Upstream.closing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let text = try await blocking { () -> String in
                let socket = try Socket.connect(port: port)
                try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                return try socket.receiveAll()
            }
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(!text.contains("0\r\n\r\n"))
            let line = try #require(try await proxy.log().first)
            #expect(line["response-code-details"] == "upstream_reset_after_response_started{connection_termination}")
            #expect(line["response-code"] == "200")
        }
    }

    @Test func triesAgainWhenAnIdleConnectionHadDied() async throws {
        let count = Counter()
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            count.increment()
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(count.value)")
            // Takes the next request and dies without a word.
            _ = try socket.receiveMessage()
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            #expect(try await proxy.get("/").text == "1")
            #expect(try await proxy.get("/").text == "2")
            let refused = try await proxy.request("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1\r\n\r\nx")
            #expect(refused.status == 503)
        }
    }

    @Test func noticesIdleConnectionsThatAreClosed() async throws {
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            for _ in 0..<5 {
                let reply = try await proxy.request("POST / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                #expect(reply.text == "ok")
            }
        }
    }

    @Test func answersInsteadOfARouteThatCannotBeBuilt() async throws {
        try await withProxy(TestProxy(routes: [.test(destination: .unavailable("bad certificate"))])) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 503)
            #expect(!reply.text.contains("bad certificate"))
            #expect(try await proxy.detail() == "cluster_not_found")
        }
    }

    @Test func answersGRPCClientsInTheirForm() async throws {
        let closed = try ClosedPort()
        let port = closed.port
        try await withProxy(TestProxy(routes: [.test(to: [port])])) { proxy in
            let reply = try await proxy.get("/", headers: "Content-Type: application/grpc\r\n")
            #expect(reply.status == 200)
            #expect(reply["grpc-status"] == "14")
        }
    }
}
