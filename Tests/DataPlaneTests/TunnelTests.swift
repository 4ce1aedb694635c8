import Routing
import Testing

@testable import DataPlane

@Suite struct TunnelTests {
    private static let request = "GET /ws HTTP/1.1\r\nHost: app.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n"

    private func echoAfterSwitch() throws -> Upstream {
        try Upstream { socket in
            let request = try socket.receiveMessage()
            guard request["upgrade"] == "websocket", request["connection"] == "Upgrade" else { return }
            try socket.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nhello")
            while true {
                let bytes = try socket.receive()
                if bytes.isEmpty { return }
                try socket.send(bytes)
            }
        }
    }

    @Test func carriesBytesBothWays() async throws {
        let upstream = try echoAfterSwitch()
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], timeout: 100_000_000, upgrades: ["websocket"])])) { proxy in
            let port = proxy.port
            let (head, echoed) = try await blocking { () -> (Message, [String]) in
                let socket = try Socket.connect(port: port)
                try socket.send(Self.request + "early")
                let head = try socket.receiveMessage(hasBody: false)
                var echoed = [String(decoding: try socket.receive(count: 10), as: UTF8.self)]
                // Longer than the route's timeout, which does not count for tunnels.
                pause(milliseconds: 200)
                for _ in 0..<3 {
                    try socket.send("ping")
                    echoed.append(String(decoding: try socket.receive(count: 4), as: UTF8.self))
                }
                return (head, echoed)
            }
            #expect(head.status == 101)
            #expect(head["upgrade"] == "websocket")
            #expect(head["connection"] == "Upgrade")
            #expect(head["sec-websocket-accept"] == "x")
            #expect(echoed == ["helloearly", "ping", "ping", "ping"])
            let line = try #require(try await proxy.log().first)
            #expect(line["response-code"] == "101")
        }
    }

    @Test func endsWithTheUpstream() async throws {
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            try socket.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nbye")
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], upgrades: ["websocket"])])) { proxy in
            let port = proxy.port
            let rest = try await blocking { () -> String in
                let socket = try Socket.connect(port: port)
                try socket.send(Self.request)
                _ = try socket.receive(until: "\r\n\r\n")
                return try socket.receiveAll()
            }
            #expect(rest == "bye")
            #expect(try await proxy.detail() == "via_upstream")
        }
    }

    @Test func needsTheRoutesConsent() async throws {
        let upstream = try echoAfterSwitch()
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let reply = try await proxy.request(Self.request)
            #expect(reply.status == 403)
            #expect(try await proxy.detail() == "upgrade_failed")
        }
    }

    @Test func relaysARefusalOfTheUpstream() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno")
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port], upgrades: ["websocket"])])) { proxy in
            let reply = try await proxy.request(Self.request)
            #expect(reply.status == 400)
            #expect(reply.text == "no")
        }
    }

    @Test func ignoresTheOfferOfHTTP2() async throws {
        let upstream = try Upstream.echo()
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let reply = try await proxy.get("/", headers: "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n")
            #expect(reply.status == 200)
            #expect(!reply.text.lowercased().contains("h2c"))
            #expect(!reply.text.lowercased().contains("http2-settings"))
        }
    }

    @Test func refusesConnect() async throws {
        try await withProxy(TestProxy(routes: [.test()])) { proxy in
            let reply = try await proxy.request("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test:443\r\n\r\n")
            #expect(reply.status == 403)
        }
    }
}
