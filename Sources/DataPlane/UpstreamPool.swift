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
    }

    let key: Key
    /// Held as long as the key names its identity.
    let tls: NIOSSLContext?
    let eventLoop: any EventLoop
    let resolver: NameResolver
    private var idle: [(connection: UpstreamConnection, since: NIODeadline)] = []
    private let timer: DeadlineTimer
    private var idleTimeout: Int64 = 60_000_000_000
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
        while !fresh, let last = idle.popLast() {
            if last.connection.isUsable { return exchange.connected(last.connection, reused: true) }
            last.connection.close()
        }
        guard count < snapshot.settings.upstreamConnections else { return exchange.connectFailed(.overflow) }
        count += 1
        UpstreamConnector(pool: self, exchange: exchange, snapshot: snapshot).start()
    }

    /// Takes back a connection whose exchange is complete.
    func release(_ connection: UpstreamConnection, snapshot: DataPlaneSnapshot) {
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
        count -= 1
        if let connection, let index = idle.firstIndex(where: { $0.connection === connection }) { idle.remove(at: index) }
        if idle.isEmpty { timer.stop() }
    }

    func closeIdle() {
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
