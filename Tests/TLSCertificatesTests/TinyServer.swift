import NIOCore
import NIOPosix
import NIOSSL

@testable import TLSCertificates

/// Answers every connection on a loopback port with one small HTTP response, over TLS where it has some.
struct TinyServer {
    private let channel: any Channel
    let port: Int

    @discardableResult
    static func run<Result>(tls: ServerTLSSlot?, _ body: (TinyServer) async throws -> Result) async throws -> Result {
        try await run(handler: { tls.map { $0.current.makeHandler() } }, body)
    }

    @discardableResult
    static func run<Result>(context: NIOSSLContext, _ body: (TinyServer) async throws -> Result) async throws -> Result {
        try await run(handler: { NIOSSLServerHandler(context: context) }, body)
    }

    private static func run<Result>(
        handler: @escaping @Sendable () -> NIOSSLServerHandler?, _ body: (TinyServer) async throws -> Result
    ) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let handler = handler() { try channel.pipeline.syncOperations.addHandler(handler) }
                    try channel.pipeline.syncOperations.addHandler(Answer())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = TinyServer(channel: channel, port: channel.localAddress?.port ?? 0)
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let response = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            context.writeAndFlush(wrapOutboundOut(response), promise: nil)
            context.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}

/// Connects and sends a request, for what happens with TLS on the way.
enum TinyClient {
    /// The response's text; throws what the pipeline met first.
    static func get(port: Int, tls: UpstreamTLS, serverName: String?, now: Int64? = nil) async throws -> String {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try tls.makeHandler(serverName: serverName)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    try channel.pipeline.syncOperations.addHandler(Collector(promise: promise, tls: handler, now: now))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        channel.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), promise: nil)
        return try await promise.futureResult.get()
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let promise: EventLoopPromise<String>
        private let tls: NIOSSLClientHandler
        private let now: Int64?
        private var text = ""

        init(promise: EventLoopPromise<String>, tls: NIOSSLClientHandler, now: Int64?) {
            self.promise = promise
            self.tls = tls
            self.now = now
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            promise.fail(TLSFailure.classify(error, peer: tls.peerCertificate, now: now) ?? error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            promise.succeed(text)
        }
    }
}
