import HTTPWire
import Logging
import NIOCore

/// Who the client of a connection is, where somebody in front of us has said so. Travels up the pipeline before the client's first byte.
struct ProxiedClient {
    var address: SocketAddress
}

/// Takes the PROXY header off a connection, tells the handlers behind it whose connection it is, and leaves. A connection that does not begin with
/// one is closed without an answer: it came past the load balancer, and its address must not count.
final class ProxyProtocolGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let timer: DeadlineTimer
    /// Nanoseconds that the header may take; 0 is for ever.
    private let timeout: Int64
    private let admits: (SocketAddress) -> Bool
    private let refused: (String) -> Void
    private var received = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var isOver = false

    /// `admits` says whether the client that the header names may have another connection. `refused` is told why a connection was closed
    /// otherwise.
    init(eventLoop: any EventLoop, timeout: Int64, admits: @escaping (SocketAddress) -> Bool, refused: @escaping (String) -> Void) {
        timer = DeadlineTimer(eventLoop: eventLoop)
        self.timeout = timeout
        self.admits = admits
        self.refused = refused
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer.start(self)
        timer.arm(after: timeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer.stop()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        timer.stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        if isOver { return }
        if received.readableBytes == 0 { received = bytes } else { received.writeBuffer(&bytes) }
        switch received.withUnsafeReadableBytes({ ProxyProtocolHeader.parse($0) }) {
        case .needMore: break
        case .failed(let error): refuse(error.reason)
        case .header(let header, let length): pass(header, length, context)
        }
    }

    private func pass(_ header: ProxyProtocolHeader, _ length: Int, _ context: ChannelHandlerContext) {
        isOver = true
        timer.stop()
        received.moveReaderIndex(forwardBy: length)
        if let source = header.source {
            let packed = ByteBuffer(bytes: source.address)
            guard let address = try? SocketAddress(packedIPAddress: packed, port: Int(source.port)) else { return refuse("no address") }
            guard admits(address) else { return end() }
            context.fireUserInboundEventTriggered(ProxiedClient(address: address))
        }
        let rest = received
        received = ByteBuffer()
        if rest.readableBytes > 0 { context.fireChannelRead(Self.wrapInboundOut(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func refuse(_ reason: String) {
        refused(reason)
        end()
    }

    private func end() {
        isOver = true
        timer.stop()
        received = ByteBuffer()
        context?.close(promise: nil)
    }
}

extension ProxyProtocolGate: DeadlineTimerOwner {
    func timerFired() { refuse("the PROXY header did not arrive in time") }
}
