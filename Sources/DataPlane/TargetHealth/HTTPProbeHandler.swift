import HTTPWire
import NIOCore
import Routing

/// One request in HTTP/1.1, whose status decides.
final class HTTPProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let settings: HTTPProbe
    private let authority: String
    private let probe: HealthProbe
    private var parser: ResponseParser
    private var input = ByteBuffer()

    init(_ settings: HTTPProbe, authority: String, limits: HTTPLimits, of probe: HealthProbe) {
        self.settings = settings
        self.authority = authority
        self.probe = probe
        parser = ResponseParser(limits: limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { ask(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
    }

    private func ask(_ context: ChannelHandlerContext) {
        _ = parser.expect(requestMethod: settings.method == "HEAD" ? .head : .other)
        var request = ByteBuffer()
        request.writeString(
            "\(settings.method) \(settings.path) HTTP/1.1\r\nHost: \(authority)\r\nUser-Agent: \(HealthProbe.userAgent)\r\nConnection: close\r\n")
        if !["GET", "HEAD", "OPTIONS", "TRACE"].contains(settings.method) { request.writeString("Content-Length: 0\r\n") }
        request.writeString("\r\n")
        context.writeAndFlush(Self.wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        input.writeBuffer(&bytes)
        while true {
            let (consumed, event) = input.withUnsafeReadableBytes { parser.consume($0) }
            input.moveReaderIndex(forwardBy: consumed)
            switch event {
            case .needMore: return
            case .informational: continue
            case .head: return judge(parser.head.status)
            default: return probe.finish(.failed, "protocol_error")
            }
        }
    }

    private func judge(_ status: Int) {
        let (answer, reason) = settings.judge(status)
        probe.finish(answer, reason)
    }

    func channelInactive(context: ChannelHandlerContext) {
        probe.finish(.failed, "connection_termination")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        probe.finish(.failed, "connection_failure")
    }
}

extension HealthProbe {
    static let userAgent = "Postern-Health-Check"
}

extension HTTPProbe {
    func judge(_ status: Int) -> (HealthCheckStateMachine.Answer, reason: String) {
        if expected.contains(where: { $0.contains(status) }) { return (.passed, "status_\(status)") }
        return (retriable.contains { $0.contains(status) } ? .failed : .refused, "status_\(status)")
    }
}
