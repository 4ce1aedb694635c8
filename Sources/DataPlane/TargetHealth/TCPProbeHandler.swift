import NIOCore
import Routing

/// What is sent to a target, and the blocks that its answer must hold.
final class TCPProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let settings: TCPProbe
    private let probe: HealthProbe
    private var received: [UInt8] = []

    /// More of an answer is not looked at.
    private static let limit = 64 * 1024

    init(_ settings: TCPProbe, of probe: HealthProbe) {
        self.settings = settings
        self.probe = probe
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        if !settings.send.isEmpty { context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(bytes: settings.send)), promise: nil) }
        // Once the event is through: the channel is closed by it.
        if settings.receive.isEmpty {
            let bound = NIOLoopBound(probe, eventLoop: context.eventLoop)
            context.eventLoop.execute { bound.value.finish(.passed, "connected") }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        received.append(contentsOf: bytes.readableBytesView)
        if settings.isAnswered(by: received) { return probe.finish(.passed, "answered") }
        if received.count > Self.limit { probe.finish(.refused, "wrong_answer") }
    }

    func channelInactive(context: ChannelHandlerContext) {
        probe.finish(.failed, "connection_termination")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        probe.finish(.failed, "connection_failure")
    }
}

extension TCPProbe {
    /// Whether the blocks are there, one behind the other, with anything in between.
    func isAnswered(by bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        for block in receive {
            guard let range = rest.firstRange(of: block) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
