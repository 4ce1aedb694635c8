public import NIOCore
import NIOHTTP1
import NIOPosix
public import Pages

/// The built-in application behind `to: builtin://verify`: shows what reached it and whether the identity assertion holds.
///
/// It is an ordinary HTTP/1.1 server on a loopback port of its own, reached through the proxy like every other application.
public final class VerifyApplication: Sendable {
    private let channel: any Channel

    private init(channel: any Channel) {
        self.channel = channel
    }

    /// The loopback port that it listens on.
    public var port: UInt16 { UInt16(channel.localAddress?.port ?? 0) }

    public static func start(check: AssertionCheck, branding: Branding = .default, group: any EventLoopGroup) async throws -> VerifyApplication {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(VerifyHandler(check: check, branding: branding))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return VerifyApplication(channel: channel)
    }

    public func stop() async throws {
        try await channel.close()
    }
}

/// One connection. Request bodies are read and dropped.
private final class VerifyHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let check: AssertionCheck
    private let branding: Branding
    private var head: HTTPRequestHead?

    init(check: AssertionCheck, branding: Branding) {
        self.check = check
        self.branding = branding
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let (check, branding) = (check, branding)
        let promise = context.eventLoop.makePromise(of: [UInt8].self)
        promise.completeWithTask {
            let authority = head.headers.first(name: "x-forwarded-host") ?? head.headers.first(name: "host") ?? ""
            let host = Self.withoutPort(authority)
            let result = await check.run(assertion: head.headers.first(name: "x-pomerium-jwt-assertion"), host: host)
            let page = VerifyPage(
                method: head.method.rawValue, path: head.uri, headers: head.headers.map { NamedValue(name: $0.name, value: $0.value) },
                claims: result.claims, checks: result.checks, requestID: head.headers.first(name: "x-request-id"))
            return Array(page.render(branding: branding).utf8)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let policy = branding.contentSecurityPolicy()
        promise.futureResult.whenSuccess { body in
            let context = bound.value
            var headers = HTTPHeaders([
                ("content-type", "text/html; charset=utf-8"), ("content-length", String(body.count)), ("cache-control", "no-store"),
                ("content-security-policy", policy),
            ])
            if !head.isKeepAlive { headers.add(name: "connection", value: "close") }
            context.write(NIOAny(HTTPServerResponsePart.head(HTTPResponseHead(version: head.version, status: .ok, headers: headers))), promise: nil)
            if head.method != .HEAD {
                context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            }
            context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
        }
    }

    private static func withoutPort(_ authority: String) -> String {
        if authority.hasPrefix("[") { return String(authority.prefix { $0 != "]" }) + "]" }
        return String(authority.prefix { $0 != ":" }).lowercased()
    }
}
