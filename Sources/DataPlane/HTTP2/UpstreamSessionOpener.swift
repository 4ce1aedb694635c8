import NIOCore

/// Waits until a connection stands on which HTTP/2 is spoken without asking (`h2c`), and puts the handlers of HTTP/2 in its own place.
final class UpstreamSessionOpener: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let pool: UpstreamPool
    private var connector: UpstreamConnector?
    private var context: ChannelHandlerContext?
    private var failure: (any Error)?

    init(pool: UpstreamPool, connector: UpstreamConnector) {
        self.pool = pool
        self.connector = connector
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        let connector = connector
        self.connector = nil
        do {
            let address = context.channel.remoteAddress.map(UpstreamAddressText.make) ?? ""
            let session = try UpstreamSession.install(on: context.channel, pool: pool, address: address)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            connector?.ready(session)
        } catch {
            connector?.broken(error, peer: nil)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let connector = connector
        self.connector = nil
        connector?.broken(failure, peer: nil)
        context.fireChannelInactive()
    }

    /// The connector gave up on it.
    func abandon() {
        connector = nil
        context?.close(promise: nil)
    }
}
