import NIOCore
import NIOSSL
import PolicyLanguage

/// Makes one connection: looks the name up, connects to the first address that answers, negotiates TLS. All of it within the connect timeout.
final class UpstreamConnector {
    private let pool: UpstreamPool
    private var exchange: UpstreamExchange?
    private let snapshot: DataPlaneSnapshot
    private let slot: ConnectionSlot
    private let timer: DeadlineTimer
    private let deadline: NIODeadline
    private var race: AddressRace?
    /// Ends the connection under way.
    private var abandonConnection: (() -> Void)?
    private var isDone = false

    init(pool: UpstreamPool, exchange: UpstreamExchange, slot: ConnectionSlot, snapshot: DataPlaneSnapshot) {
        self.pool = pool
        self.exchange = exchange
        self.slot = slot
        self.snapshot = snapshot
        timer = DeadlineTimer(eventLoop: pool.eventLoop)
        let timeout = snapshot.settings.connectTimeout
        deadline = timeout > 0 ? .now() + .nanoseconds(timeout) : .distantFuture
    }

    func start() {
        timer.start(self)
        if deadline != .distantFuture { timer.arm(at: deadline) }
        pool.resolver.addresses(of: pool.key.host, port: pool.key.port, settings: snapshot.settings.names) { [self] result in
            switch result {
            case .success(let addresses): connect(to: addresses)
            case .failure(let fault): fail(fault)
            }
        }
    }

    private func connect(to addresses: [SocketAddress]) {
        guard !isDone else { return }
        let race = AddressRace(eventLoop: pool.eventLoop, addresses: addresses, deadline: deadline) { [self] result in
            self.race = nil
            do {
                try configure(result.get())
            } catch {
                // What is no failure of the transport is one of TLS: a name that cannot be sent, for example.
                fail(.connect(error))
            }
        }
        self.race = race
        race.start()
    }

    private func configure(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if let context = pool.tls {
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: Self.serverName(pool.key.serverName)))
        }
        switch pool.key.wire {
        case .http1, .negotiated: break
        case .http2:
            let opener = UpstreamSessionOpener(pool: pool, connector: self)
            abandonConnection = opener.abandon
            return try pipeline.addHandler(opener)
        case .tcp:
            let tunnel = UpstreamTunnel(pool: pool, connector: self)
            tunnel.slot = slot
            abandonConnection = tunnel.abandon
            return try pipeline.addHandler(tunnel)
        }
        let connection = UpstreamConnection(pool: pool, connector: self, isTLS: pool.tls != nil, limits: snapshot.settings.limits)
        connection.slot = slot
        abandonConnection = connection.abandon
        try pipeline.addHandler(connection)
    }

    /// Address literals are verified against the certificate by the library, but not sent (RFC 6066 section 3).
    static func serverName(_ name: String?) -> String? {
        guard let name, IPAddress(name) == nil, !name.contains(":"), !name.contains("%") else { return nil }
        return name
    }

    // MARK: What the connection reports

    func ready(_ connection: any UpstreamStream) {
        guard !isDone else { return connection.close() }
        finish()
        let exchange = exchange
        self.exchange = nil
        if let exchange { exchange.connected(connection, reused: false) } else { connection.offerUnused(snapshot: snapshot) }
        pool.serveSharing(snapshot: snapshot)
    }

    func ready(_ session: UpstreamSession) {
        guard !isDone else { return session.close() }
        finish()
        let exchange = exchange
        self.exchange = nil
        session.slot = slot
        pool.opened(session, for: exchange, snapshot: snapshot)
    }

    /// The connection was made and then failed: in the handshake, or at once.
    func broken(_ error: (any Error)?, peer: NIOSSLCertificate?) {
        guard !isDone else { return }
        abandonConnection = nil
        if pool.tls != nil {
            fail(.tls(snapshot.classifyUpstreamTLSFailure(error ?? ChannelError.eof, peer)))
        } else {
            fail(error.map { .connect($0) } ?? .terminated)
        }
    }

    private func fail(_ fault: UpstreamFault) {
        guard !isDone else { return }
        finish()
        race?.cancel()
        race = nil
        slot.free()
        pool.ended(nil)
        let abandon = abandonConnection
        abandonConnection = nil
        abandon?()
        let exchange = exchange
        self.exchange = nil
        exchange?.connectFailed(fault)
        pool.serveSharing(snapshot: snapshot, fault: fault)
    }

    private func finish() {
        isDone = true
        abandonConnection = nil
        timer.stop()
    }
}

extension UpstreamConnector: DeadlineTimerOwner {
    func timerFired() { fail(.connectTimeout) }
}
