import Routing
import Testing

@testable import DataPlane

@Suite struct TimeoutTests {
    private static let short: Int64 = 150_000_000

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: app.test\r\n", "G"])
    func answersSlowHeads(part: String) async throws {
        try await withProxy(TestProxy(routes: [.test()], settings: { $0.requestReadTimeout = Self.short })) { proxy in
            let reply = try await proxy.request(part)
            #expect(reply.status == 408)
            #expect(try await proxy.detail() == "request_header_timeout")
        }
    }

    @Test func answersSlowBodies() async throws {
        let upstream = try Upstream.echo()
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])], settings: { $0.requestReadTimeout = Self.short })) { proxy in
            let reply = try await proxy.request("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100\r\n\r\nabc")
            #expect(reply.status == 408)
            #expect(try await proxy.detail() == "request_overall_timeout")
        }
    }

    @Test func closesIdleConnections() async throws {
        try await withProxy(TestProxy(routes: [.test()], settings: { $0.connectionIdleTimeout = Self.short })) { proxy in
            let port = proxy.port
            let text = try await blocking { try Socket.connect(port: port).receiveAll() }
            #expect(text == "")
        }
    }

    @Test func answersWhenTheApplicationDoesNot() async throws {
        let upstream = try Upstream { socket in _ = try socket.receiveAll() }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], timeout: Self.short)])) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 504)
            let line = try #require(try await proxy.log().first)
            #expect(line["response-code-details"] == "upstream_response_timeout")
            #expect(line["response-flags"] == "UT")
        }
    }

    @Test func cutsAnswersThatTakeTooLong() async throws {
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            _ = try socket.receiveAll()
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], timeout: Self.short)])) { proxy in
            let port = proxy.port
            let text = try await blocking { () -> String in
                let socket = try Socket.connect(port: port)
                try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                return try socket.receiveAll()
            }
            #expect(text.hasSuffix("abc"))
            #expect(try await proxy.detail() == "upstream_max_stream_duration_reached")
        }
    }

    @Test func answersWhenNothingMoves() async throws {
        let upstream = try Upstream { socket in _ = try socket.receiveAll() }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], idleTimeout: Self.short)])) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 504)
            #expect(try await proxy.detail() == "stream_idle_timeout")
        }
    }

    @Test func letsSlowButMovingAnswersThrough() async throws {
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
            // Five pieces over more than the idle limit.
            for piece in 0..<5 {
                pause(milliseconds: 200)
                try socket.send("\(piece)")
            }
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], idleTimeout: 700_000_000)])) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.text == "01234")
        }
    }
}
