import HTTPWire
import Testing

@testable import DataPlane

@Suite struct MalformedRequestTests {
    /// Request, status, code detail.
    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400, "http1.codec_error"),
        ("GET / HTTP/1.1\r\n\r\n", 400, "missing_host_header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "http1.codec_error"),
        ("GET / HTTP/1.0\r\nHost: a\r\n\r\n", 426, "low_version"),
        ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "http1.codec_error"),
        ("\u{16}\u{03}\u{01}\u{02}\u{00}", 400, "http1.codec_error"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
            "http1.content_length_and_chunked_not_allowed"
        ), ("GET /\(String(repeating: "a", count: 4000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414, "http1.invalid_url"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 9000))\r\n\r\n", 431, "http1.headers_too_large"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: 101))\r\n", 431, "http1.too_many_headers"),
        ("GET http://other.test/ HTTP/1.1\r\nHost: app.test\r\n\r\n", 400, "absolute_path_rejected"),
    ])
    func refusesAndCloses(request: String, status: Int, detail: String) async throws {
        let proxy = try await TestProxy(
            routes: [],
            settings: {
                $0.limits.maxHeadBytes = 8000
                $0.limits.maxTargetBytes = 2000
                $0.limits.maxFields = 100
            })
        try await withProxy(proxy) { proxy in
            let port = proxy.port
            let (reply, rest) = try await blocking { () -> (Message, String) in
                let socket = try Socket.connect(port: port)
                try socket.send(request)
                return (try socket.receiveMessage(), try socket.receiveAll())
            }
            #expect(reply.status == status)
            #expect(reply["connection"] == "close")
            #expect(reply["content-type"]?.hasPrefix("text/plain") == true)
            #expect(reply.text.contains(detail))
            #expect(reply["x-request-id"]?.count == 36)
            #expect(rest == "")
            let line = try #require(try await proxy.log().first)
            #expect(line["response-code-details"] == detail)
            #expect(line["response-code"] == "\(status)")
        }
    }

    @Test func refusesBrokenContentAfterTheDecision() async throws {
        let upstream = try Upstream.echo()
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let reply = try await proxy.request("POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
            #expect(reply.status == 400)
            #expect(try await proxy.detail() == "http1.codec_error")
        }
    }

    @Test(arguments: [
        ("/a%2Fb", 400, "path_normalization_failed"), ("/../x", 400, "path_normalization_failed"), ("/%", 400, "path_normalization_failed"),
        ("/a%5Cb", 400, "path_normalization_failed"),
    ])
    func refusesAmbiguousPaths(path: String, status: Int, detail: String) async throws {
        try await withProxy(TestProxy(routes: [.test()])) { proxy in
            let reply = try await proxy.get(path)
            #expect(reply.status == status)
            #expect(try await proxy.detail() == detail)
        }
    }

    @Test func refusesUnderscoresInNames() async throws {
        try await withProxy(TestProxy(routes: [.test()])) { proxy in
            let reply = try await proxy.get("/", headers: "x_pomerium_jwt: 1\r\n")
            #expect(reply.status == 400)
            #expect(try await proxy.detail() == "http1.unexpected_underscore")
        }
    }

    @Test func knowsNoUnknownHost() async throws {
        try await withProxy(TestProxy(routes: [.test()])) { proxy in
            let reply = try await proxy.request("GET /.pomerium/ HTTP/1.1\r\nHost: other.test\r\nAccept: application/json\r\n\r\n")
            #expect(reply.status == 404)
            #expect(reply.text.contains("route_not_found"))
            let line = try #require(try await proxy.log().first)
            #expect(line["response-flags"] == "NR")
        }
    }
}
