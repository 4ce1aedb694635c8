import Foundation
import Routing
import Testing

@testable import DataPlane

@Suite struct ProxyProtocolTests {
    private static let line = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n"

    private func proxy(tls: Bool = false, role: ListenerRole = .proxy, timeout: Int64 = 10_000_000_000, to port: Int = 9) async throws -> TestProxy {
        let certificates = try TestCertificates.shared.get()
        let context = try tls ? certificates["valid"].map { try certificates.server($0) } : nil
        return try await TestProxy(
            routes: [.test(to: [port])], role: role, serverTLS: context,
            settings: {
                $0.requiresProxyProtocol = true
                $0.proxyHeaderTimeout = timeout
            })
    }

    @Test(arguments: [
        (line, "203.0.113.7"), ("PROXY TCP6 2001:db8::7 2001:db8::1 1 2\r\n", "2001:db8::7"),
        ("PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2\r\n", "203.0.113.7"), ("PROXY UNKNOWN\r\n", "127.0.0.1"),
    ])
    func theClientIsWhoTheHeaderSays(header: String, client: String) async throws {
        let upstream = try Upstream.echo()
        try await withProxy(proxy(to: upstream.port)) { proxy in
            let reply = try await proxy.request(header + "GET /x HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")
            #expect(reply.status == 200)
            #expect(Message(head: reply.text)["x-forwarded-for"] == client)
            #expect(try await proxy.log().first?["ip"] ?? client == client)
        }
    }

    @Test func readsAHeaderThatArrivesInPieces() async throws {
        let upstream = try Upstream.echo()
        try await withProxy(proxy(to: upstream.port)) { proxy in
            let port = proxy.port
            let reply = try await blocking {
                let socket = try Socket.connect(port: port)
                for byte in Array(Self.line.utf8) { try socket.send([byte]) }
                try socket.send("GET /x HTTP/1.1\r\nHost: app.test\r\n\r\n")
                return try socket.receiveMessage()
            }
            #expect(Message(head: reply.text)["x-forwarded-for"] == "203.0.113.7")
        }
    }

    @Test(arguments: [false, true]) func closesAConnectionWithoutHeader(tls: Bool) async throws {
        try await withProxy(proxy(tls: tls)) { proxy in
            let port = proxy.port
            let text = try await blocking {
                let socket = try Socket.connect(port: port)
                try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                return (try? socket.receiveAll()) ?? ""
            }
            #expect(text == "")
        }
    }

    @Test func standsInFrontOfTheGuardOfTLS() async throws {
        try await withProxy(proxy(tls: true)) { proxy in
            let reply = try await proxy.request(Self.line + "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
            #expect(reply.status == 400)
            #expect(reply.text.contains("HTTP request to an HTTPS server"))
        }
    }

    @Test func closesAConnectionWhoseHeaderIsLate() async throws {
        try await withProxy(proxy(timeout: 150_000_000)) { proxy in
            let port = proxy.port
            let text = try await blocking {
                let socket = try Socket.connect(port: port)
                try socket.send("PROXY TCP4 ")
                return try socket.receiveAll()
            }
            #expect(text == "")
        }
    }

    @Test func holdsForTheRedirectListener() async throws {
        try await withProxy(proxy(role: .httpsRedirect(port: 443, router: nil))) { proxy in
            let reply = try await proxy.request(Self.line + "GET /a HTTP/1.1\r\nHost: app.test\r\n\r\n")
            #expect(reply.status == 301)
            #expect(try await proxy.log().first?["status"] ?? "301" == "301")
        }
    }
}
