import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization

/// An HTTP/2 server without TLS whose health a test decides: it answers `grpc.health.v1` and, elsewhere, the status 200 or 503.
final class HealthServer: Sendable {
    let isServing = Atomic<Bool>(true)
    let asked = Atomic<Int>(0)
    /// The gRPC service that was last asked about.
    private let service: Mutex<String> = Mutex("")
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }
    var lastService: String { service.withLock { $0 } }

    init() async throws {
        let box = Mutex<HealthServer?>(nil)
        let holder = Holder(box: box)
        listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                        mode: .server, connectionConfiguration: .init(), streamConfiguration: .init()
                    ) { stream in
                        stream.eventLoop.makeCompletedFuture {
                            guard let server = holder.server else { return }
                            try stream.pipeline.syncOperations.addHandler(Answer(server))
                        }
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        holder.set(self)
    }

    func stop() async throws {
        try await listener.close()
        try await group.shutdownGracefully()
    }

    private final class Holder: Sendable {
        private let box: Mutex<HealthServer?>
        init(box: consuming Mutex<HealthServer?>) { self.box = box }
        var server: HealthServer? { box.withLock { $0 } }
        func set(_ server: HealthServer) { box.withLock { $0 = server } }
    }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload
        typealias OutboundOut = HTTP2Frame.FramePayload

        private let server: HealthServer
        private var isGRPC = false
        private var body = ByteBuffer()

        init(_ server: HealthServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var ended = false
            switch Self.unwrapInboundIn(data) {
            case .headers(let frame):
                isGRPC = frame.headers.first(name: ":path") == "/grpc.health.v1.Health/Check"
                ended = frame.endStream
            case .data(let frame):
                if case .byteBuffer(var bytes) = frame.data { body.writeBuffer(&bytes) }
                ended = frame.endStream
            default: break
            }
            guard ended else { return }
            server.asked.wrappingAdd(1, ordering: .relaxed)
            let isServing = server.isServing.load(ordering: .relaxed)
            guard isGRPC else {
                context.writeAndFlush(
                    Self.wrapOutboundOut(.headers(.init(headers: [":status": isServing ? "200" : "503"], endStream: true))), promise: nil)
                return
            }
            body.moveReaderIndex(forwardBy: min(7, body.readableBytes))
            server.service.withLock { $0 = String(buffer: body) }
            context.write(
                Self.wrapOutboundOut(.headers(.init(headers: [":status": "200", "content-type": "application/grpc"]))), promise: nil)
            let message = ByteBuffer(bytes: [0, 0, 0, 0, 2, 0x08, isServing ? 1 : 2])
            context.write(Self.wrapOutboundOut(.data(.init(data: .byteBuffer(message)))), promise: nil)
            context.writeAndFlush(Self.wrapOutboundOut(.headers(.init(headers: ["grpc-status": "0"], endStream: true))), promise: nil)
        }
    }
}
