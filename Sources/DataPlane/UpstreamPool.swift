import NIOCore
import NIOSSL

/// The connections of one event loop to one destination. The most recently used one is used first, so that the others can go.
final class UpstreamPool {
    struct Key: Hashable {
        var host: String
        var port: UInt16
        /// Identity of the TLS context; nil for plain HTTP.
        var tls: ObjectIdentifier?
        var serverName: String?
        var wire = UpstreamWire.http1
    }

    let key: Key
    /// Held as long as the key names its identity.
    let tls: NIOSSLContext?
    let eventLoop: any EventLoop
    let resolver: NameResolver
    private var idle: [(connection: UpstreamConnection, since: NIODeadline)] = []
    private let timer: DeadlineTimer
    /// Exchanges whose routes may open no more connections.
    private var waiting = WaitingExchanges()
    private var idleTimeout: Int64 = 60_000_000_000
    /// Connections that speak HTTP/2.
    private var sessions: [UpstreamSession] = []
    /// Exchanges that wait for a connection under way, which they may share.
    private var sharing: [UpstreamExchange] = []
    private var isConnectingSession = false
    /// Idle, busy and connecting.
    private(set) var count = 0

    init(key: Key, tls: NIOSSLContext?, eventLoop: any EventLoop, resolver: NameResolver) {
        self.key = key
        self.tls = tls
        self.eventLoop = eventLoop
        self.resolver = resolver
        timer = DeadlineTimer(eventLoop: eventLoop)
    }

    var isEmpty: Bool { count == 0 }

    /// Gives the exchange a connection: an idle one now, or a new one later.
    func acquire(for exchange: UpstreamExchange, fresh: Bool, snapshot: DataPlaneSnapshot) {
        if key.wire.mayShare {
            if let session = sessions.first(where: \.isUsable) { return session.open(for: exchange, reused: true) }
            if isConnectingSession {
                guard sharing.count < snapshot.settings.upstreamConnections else { return exchange.connectFailed(.overflow) }
                return sharing.append(exchange)
            }
        }
        while !fresh, let last = idle.popLast() {
            if last.connection.isUsable { return exchange.connected(last.connection, reused: true) }
            last.connection.close()
        }
        guard count < snapshot.settings.upstreamConnections else { return exchange.connectFailed(.overflow) }
        guard let slot = exchange.claim.connectionSlot(isFirst: count == 0) else {
            if !waiting.append(exchange, snapshot: snapshot) { exchange.connectFailed(.overflow) }
            return
        }
        connect(for: exchange, slot: slot, snapshot: snapshot)
    }

    private func connect(for exchange: UpstreamExchange, slot: ConnectionSlot, snapshot: DataPlaneSnapshot) {
        count += 1
        isConnectingSession = key.wire.mayShare
        UpstreamConnector(pool: self, exchange: exchange, slot: slot, snapshot: snapshot).start()
    }

    /// Takes back a connection whose exchange is complete.
    func release(_ connection: UpstreamConnection, snapshot: DataPlaneSnapshot) {
        if connection.isUsable, let next = waiting.next() { return next.exchange.connected(connection, reused: true) }
        guard connection.isUsable, idle.count < snapshot.settings.idleUpstreamConnections else { return connection.close() }
        idleTimeout = snapshot.settings.upstreamIdleTimeout
        idle.append((connection, .now()))
        if timer.deadline == nil, idleTimeout > 0 {
            timer.start(self)
            timer.arm(after: idleTimeout)
        }
    }

    /// A connection, or the attempt to make one, has ended.
    func ended(_ connection: UpstreamConnection?) {
        connection?.slot?.free()
        if let connection, let index = idle.firstIndex(where: { $0.connection === connection }) { idle.remove(at: index) }
        if idle.isEmpty { timer.stop() }
        placeFreed()
    }

    /// Whoever waits for leave to connect may have it now.
    private func placeFreed() {
        count -= 1
        if let next = waiting.next(if: { $0.claim.connectionSlot(isFirst: count == 0) }) {
            connect(for: next.exchange, slot: next.slot, snapshot: next.snapshot)
        }
    }

    /// A connection that speaks HTTP/2 stands: for the exchange that asked for it, and for those that waited.
    func opened(_ session: UpstreamSession, for exchange: UpstreamExchange?, snapshot: DataPlaneSnapshot) {
        sessions.append(session)
        session.closeWhenIdle(after: snapshot.settings.upstreamIdleTimeout)
        if let exchange { session.open(for: exchange, reused: false) }
        serveSharing(snapshot: snapshot)
        streamEnded(on: session)
    }

    /// Another request may go over the connection: one of those that may open none.
    func streamEnded(on session: UpstreamSession) {
        while session.isUsable, let next = waiting.next() { session.open(for: next.exchange, reused: true) }
    }

    /// No connection is under way any more: whoever hoped to share it tries again, or is told why there is none.
    func serveSharing(snapshot: DataPlaneSnapshot, fault: UpstreamFault? = nil) {
        isConnectingSession = false
        let all = sharing
        sharing.removeAll()
        for exchange in all {
            if let fault { exchange.connectFailed(fault) } else { acquire(for: exchange, fresh: false, snapshot: snapshot) }
        }
    }

    /// Takes no more requests.
    func sessionIsGoing(_ session: UpstreamSession) {
        sessions.removeAll { $0 === session }
    }

    func sessionEnded(_ session: UpstreamSession) {
        sessionIsGoing(session)
        placeFreed()
    }

    func closeIdle() {
        for session in sessions { session.retire() }
        let all = idle
        idle.removeAll()
        timer.stop()
        for entry in all { entry.connection.close() }
    }
}

extension UpstreamPool: DeadlineTimerOwner {
    /// The oldest ones stand at the front.
    func timerFired() {
        let limit = NIODeadline.now() - .nanoseconds(idleTimeout)
        let old = idle.prefix { $0.since <= limit }
        idle.removeFirst(old.count)
        for entry in old { entry.connection.close() }
        if let oldest = idle.first { timer.arm(at: oldest.since + .nanoseconds(idleTimeout)) } else { timer.stop() }
    }
}
