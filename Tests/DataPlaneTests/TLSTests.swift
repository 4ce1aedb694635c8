import NIOSSL
import Routing
import Testing

@testable import DataPlane

@Suite struct TLSTests {
    private func curl(_ proxy: TestProxy, _ certificates: TestCertificates, _ arguments: [String]) async throws -> String {
        let port = proxy.port
        return try await blocking {
            let fixed = ["-sS", "-m", "5", "--cacert", "valid.pem", "--resolve", "app.test:\(port):127.0.0.1"]
            return try run("/usr/bin/curl", fixed + arguments + ["https://app.test:\(port)/x"], in: certificates.directory).output
        }
    }

    @Test func servesCurlOverTLS() async throws {
        let certificates = try TestCertificates.shared.get()
        let upstream = try Upstream.echo()
        let tls = try certificates.server(certificates.valid)
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])], serverTLS: tls)) { proxy in
            let text = try await curl(proxy, certificates, ["--http1.1", "-d", "content"])
            #expect(text.contains("X-Forwarded-Proto: https\r\n"))
            #expect(text.contains("X-Forwarded-Host: app.test:\(proxy.port)\r\n"))
            #expect(text.hasSuffix("\r\n\r\ncontent"))
        }
    }

    /// curl offers `h2` first; only `http/1.1` is advertised.
    @Test func agreesOnHTTP1() async throws {
        let certificates = try TestCertificates.shared.get()
        let tls = try certificates.server(certificates.valid)
        let route = CompiledRoute.test(destination: .response(DirectResponse(status: 200, body: "")))
        try await withProxy(TestProxy(routes: [route], serverTLS: tls)) { proxy in
            let version = try await curl(proxy, certificates, ["--http2", "-o", "/dev/null", "-w", "%{http_version}"])
            #expect(version == "1.1")
        }
    }

    @Test func carriesMuchOverTLS() async throws {
        let certificates = try TestCertificates.shared.get()
        let size = 20 << 20
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            try socket.send([UInt8](repeating: 0x61, count: size))
        }
        let tls = try certificates.server(certificates.valid)
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])], serverTLS: tls)) { proxy in
            let received = try await curl(proxy, certificates, ["-o", "/dev/null", "-w", "%{size_download}"])
            #expect(received == "\(size)")
        }
    }

    @Test func answersPlainHTTPOnATLSPort() async throws {
        let certificates = try TestCertificates.shared.get()
        try await withProxy(TestProxy(routes: [], serverTLS: certificates.server(certificates.valid))) { proxy in
            let reply = try await proxy.get("/")
            #expect(reply.status == 400)
            #expect(reply.text == "Client sent an HTTP request to an HTTPS server.\n")
        }
    }

    @Test func endsHandshakesThatTakeTooLong() async throws {
        let certificates = try TestCertificates.shared.get()
        let tls = try certificates.server(certificates.valid)
        try await withProxy(TestProxy(routes: [], serverTLS: tls, settings: { $0.handshakeTimeout = 100_000_000 })) { proxy in
            let port = proxy.port
            let rest = try await blocking { () -> String in
                let socket = try Socket.connect(port: port)
                try socket.send([0x16, 0x03, 0x01])
                return try socket.receiveAll()
            }
            #expect(rest == "")
        }
    }

    /// Served certificate, trusted certificate, server name, and what the log says.
    @Test(arguments: [
        ("valid", "valid", nil, "via_upstream"), ("named", "named", "app.test", "via_upstream"),
        ("valid", nil, nil, "upstream_reset_before_response_started{connection_failure|TLS_error:CERTIFICATE_VERIFY_FAILED}"),
        (
            "named", "named", "other.test",
            "upstream_reset_before_response_started{connection_failure|TLS_error:CERTIFICATE_VERIFY_FAILED:SAN_matcher}"
        ),
        (
            "expired", "expired", nil,
            "upstream_reset_before_response_started{connection_failure|TLS_error:CERTIFICATE_VERIFY_FAILED:certificate_has_expired}"
        ), ("none", "valid", nil, "upstream_reset_before_response_started{connection_failure|TLS_error:handshake_failure}"),
    ])
    func verifiesUpstreams(served: String, trusted: String?, name: String?, detail: String) async throws {
        let certificates = try TestCertificates.shared.get()
        let context = try certificates[served].map { try certificates.server($0) }
        let answer = CompiledRoute.test(from: "*", destination: .response(DirectResponse(status: 200, body: "secret")))
        try await withProxy(TestProxy(routes: [answer], serverTLS: context)) { upstream in
            let route = CompiledRoute.test(
                to: [upstream.port], scheme: .https, definition: { $0.upstreamTLS.serverName = name })
            let client = try certificates.client(trusting: trusted.flatMap { certificates[$0] })
            try await withProxy(TestProxy(routes: [route], clientTLS: client)) { proxy in
                let reply = try await proxy.get("/")
                let line = try #require(try await proxy.log().first)
                #expect(line["response-code-details"] == detail)
                if detail == "via_upstream" {
                    #expect(reply.text == "secret")
                } else {
                    #expect(reply.status == 503)
                    #expect(line["response-flags"] == "UF")
                }
            }
        }
    }
}
