import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import IdentityProviders

/// Against a real server on loopback.
@Suite struct AsyncHTTPClientTransportTests {
    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private var head: HTTPRequestHead?
        private var received = 0

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body(let bytes): received += bytes.readableBytes
            case .end:
                guard let head else { return }
                var status = HTTPResponseStatus.ok
                var headers = HTTPHeaders()
                var body = ByteBuffer()
                switch head.uri {
                case "/redirect":
                    status = .found
                    headers.add(name: "location", value: "/final")
                case "/away":
                    status = .found
                    headers.add(name: "location", value: "http://127.0.0.1:1/evil")
                case "/circle":
                    status = .found
                    headers.add(name: "location", value: "/circle")
                case "/large": body.writeRepeatingByte(0x61, count: (1 << 20) + 1)
                default: body.writeString("\(head.method) \(head.uri) \(head.headers["host"].first ?? "") \(received)")
                }
                headers.add(name: "content-length", value: String(body.readableBytes))
                context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                received = 0
            }
        }
    }

    private func withServer(_ body: (AsyncHTTPClientTransport, Int) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let transport = try AsyncHTTPClientTransport(loopbackHosts: ["id.localhost", "example.com"], logger: Logger(label: "test"))
        do {
            try await body(transport, server.localAddress?.port ?? 0)
        } catch {
            try await transport.shutdown()
            try await server.close()
            throw error
        }
        try await transport.shutdown()
        try await server.close()
    }

    @Test(arguments: ["localhost", "id.localhost", "other.localhost", "127.0.0.1"]) func asksLoopbackByName(_ host: String) async throws {
        try await withServer { transport, port in
            let response = try await transport.send(
                TransportRequest(method: .post, url: "http://\(host):\(port)/x?y", headers: [.accept: "a"], body: [1, 2, 3]))
            #expect(response.status == 200)
            #expect(String(decoding: response.body, as: UTF8.self) == "POST /x?y \(host):\(port) 3")
        }
    }

    @Test func followsWithinTheOriginAlone() async throws {
        try await withServer { transport, port in
            let origin = "http://127.0.0.1:\(port)"
            let followed = try await transport.send(TransportRequest(url: "\(origin)/redirect"))
            let posted = try await transport.send(TransportRequest(method: .post, url: "\(origin)/redirect"))
            let away = try await transport.send(TransportRequest(url: "\(origin)/away"))
            #expect([followed.status, posted.status, away.status] == [200, 302, 302])
            await #expect(throws: TransportError.self) { try await transport.send(TransportRequest(url: "\(origin)/circle")) }
        }
    }

    @Test func takesNoEndlessAnswer() async throws {
        try await withServer { transport, port in
            await #expect(throws: TransportError("the answer of http://127.0.0.1:\(port)/large is larger than 1048576 bytes")) {
                try await transport.send(TransportRequest(url: "http://127.0.0.1:\(port)/large"))
            }
        }
    }

    @Test func saysWhyNobodyAnswers() async throws {
        try await withServer { transport, _ in
            await #expect(throws: TransportError.self) { try await transport.send(TransportRequest(url: "http://127.0.0.1:1/x")) }
        }
    }

    @Test(
        arguments: [
            ("/x", "https://a.test/x"), ("https://a.test/y", "https://a.test/y"), ("https://a.test", "https://a.test"), ("//evil.test/", nil),
            ("https://a.test.evil.test/", nil), ("https://a.test:1/", nil), ("http://a.test/", nil), ("https://a.test@evil.test/", nil), ("x", nil),
        ] as [(String, String?)])
    func knowsItsOrigin(_ location: String, _ expected: String?) {
        #expect(AsyncHTTPClientTransport.sameOrigin(location, as: "https://a.test/start?q") == expected)
    }
}
