public import HTTPEndpoints
import NIOCore
import NIOSSL
import Synchronization

/// What a listening port is for.
public enum ListenerRole: Sendable {
    /// Routes and own endpoints; TLS where the snapshot has a server context.
    case proxy
    /// Only the endpoints of this router, without TLS and without sign-in: the health port.
    case endpoints(EndpointRouter)
    /// Sends everything to the same URL under `https` on this port, and closes. Requests that the router has an endpoint for
    /// (ACME HTTP-01) are answered there.
    case httpsRedirect(port: UInt16, router: EndpointRouter?)
}

extension ListenerRole {
    /// Whether visitors connect here, so that a load balancer may stand in front.
    var isPublic: Bool {
        switch self {
        case .proxy, .httpsRedirect: true
        case .endpoints: false
        }
    }
}

/// Makes the handlers of one accepted connection.
enum Listener {
    /// Bytes towards a client beyond which the other side is not read, and below which it is again.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 128 * 1024)

    struct TooManyConnections: Error {}

    static func configure(_ channel: any Channel, worker: LoopWorker, role: ListenerRole) throws {
        let snapshot = worker.snapshot
        let state = worker.server
        guard state.connections.add(1, ordering: .relaxed).newValue <= snapshot.settings.maxConnections else {
            state.connections.subtract(1, ordering: .relaxed)
            throw TooManyConnections()
        }
        channel.closeFuture.whenComplete { _ in state.connections.subtract(1, ordering: .relaxed) }
        var tls: NIOSSLContext?
        if case .proxy = role { tls = snapshot.serverTLS?() }
        let pipeline = channel.pipeline.syncOperations
        if snapshot.settings.requiresProxyProtocol, role.isPublic {
            let gate = ProxyProtocolGate(eventLoop: worker.eventLoop, timeout: snapshot.settings.proxyHeaderTimeout) { [weak channel] reason in
                worker.logRefusedConnection(from: channel?.remoteAddress, reason: reason)
            }
            try pipeline.addHandler(gate)
        }
        if let tls {
            try pipeline.addHandler(PlaintextGuard())
            try pipeline.addHandler(NIOSSLServerHandler(context: tls))
        }
        try pipeline.addHandler(HTTPConnection(worker: worker, role: role, isTLS: tls != nil))
    }
}
