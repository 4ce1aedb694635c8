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
    /// Bytes towards a client beyond which the other side is not read, and below which it is again. What is on its way in the kernel's buffers does
    /// not count: these keep a fast client busy, and this is what a slow one costs.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 64 * 1024)
    /// After so many full buffers (64 KiB each) it is looked whether the other side still takes them. More of them would come on top of the water mark.
    static let buffersPerRead: UInt = 1

    struct TooManyConnections: Error {}

    static func configure(_ channel: any Channel, worker: LoopWorker, role: ListenerRole) throws {
        let snapshot = worker.snapshot
        let state = worker.server
        try admit(channel, worker, snapshot.settings, role)
        state.connections.add(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { _ in state.connections.subtract(1, ordering: .relaxed) }
        var tls: NIOSSLContext?
        if case .proxy = role { tls = snapshot.serverTLS?() }
        let pipeline = channel.pipeline.syncOperations
        if snapshot.settings.requiresProxyProtocol, role.isPublic {
            let limit = snapshot.settings.maxConnectionsPerAddress
            let gate = ProxyProtocolGate(
                eventLoop: worker.eventLoop, timeout: snapshot.settings.proxyHeaderTimeout,
                admits: { [weak channel] client in channel.map { admits(client, $0, worker, limit) } ?? false },
                refused: { [weak channel] reason in worker.logRefusedConnection(from: channel?.remoteAddress, reason: reason) })
            try pipeline.addHandler(gate)
        }
        if let tls {
            try pipeline.addHandler(PlaintextGuard())
            try pipeline.addHandler(NIOSSLServerHandler(context: tls))
        }
        try pipeline.addHandler(HTTPConnection(worker: worker, role: role, isTLS: tls != nil))
    }

    /// Probes and metrics answer however many clients there are.
    private static func admit(_ channel: any Channel, _ worker: LoopWorker, _ settings: DataPlaneSettings, _ role: ListenerRole) throws {
        guard role.isPublic else { return }
        let admission = worker.server.admission
        guard admission.enter(limit: settings.maxConnections) else {
            worker.logCrowding(.total, from: channel.remoteAddress)
            throw TooManyConnections()
        }
        channel.closeFuture.whenComplete { _ in admission.leave() }
        if worker.isShortOfMemory {
            // Closed rather than left in the kernel's queue: a load balancer tries the next machine, and nobody waits for an answer.
            let memory = worker.server.memory
            guard memory.enterReserve() else {
                worker.logCrowding(.memory, from: channel.remoteAddress)
                throw TooManyConnections()
            }
            channel.closeFuture.whenComplete { _ in memory.leaveReserve() }
        }
        // Behind the PROXY protocol the address is that of the load balancer.
        guard !settings.requiresProxyProtocol else { return }
        guard admits(channel.remoteAddress, channel, worker, settings.maxConnectionsPerAddress) else { throw TooManyConnections() }
    }

    /// Whether the address of a client may have one connection more; 0 is any number.
    private static func admits(_ client: SocketAddress?, _ channel: any Channel, _ worker: LoopWorker, _ limit: Int) -> Bool {
        guard limit > 0, let key = ClientKey(client) else { return true }
        let admission = worker.server.admission
        guard admission.enter(key, limit: limit) else {
            worker.logCrowding(.address, from: client)
            return false
        }
        channel.closeFuture.whenComplete { _ in admission.leave(key) }
        return true
    }
}
