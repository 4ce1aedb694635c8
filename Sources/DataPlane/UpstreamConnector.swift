import NIOCore
import NIOPosix
import NIOSSL
import PolicyLanguage

/// Makes one connection: looks the name up, tries the addresses in order, negotiates TLS. All of it within the connect timeout.
final class UpstreamConnector {
    private let pool: UpstreamPool
    private var exchange: UpstreamExchange?
    private let snapshot: DataPlaneSnapshot
    private let timer: DeadlineTimer
    private let deadline: NIODeadline
    private var addresses: ArraySlice<SocketAddress> = []
    /// Ends the connection under way.
    private var abandonConnection: (() -> Void)?
    private var isDone = false

    init(pool: UpstreamPool, exchange: UpstreamExchange, snapshot: DataPlaneSnapshot) {
        self.pool = pool
        self.exchange = exchange
        self.snapshot = snapshot
        timer = DeadlineTimer(eventLoop: pool.eventLoop)
        let timeout = snapshot.settings.connectTimeout
        deadline = timeout > 0 ? .now() + .nanoseconds(timeout) : .distantFuture
    }

    func start() {
        timer.start(self)
        if deadline != .distantFuture { timer.arm(at: deadline) }
        // No host name begins with a slash: this one is the path of a socket file.
        if pool.key.host.hasPrefix("/") {
            if let file = try? SocketAddress(unixDomainSocketPath: pool.key.host) { addresses = [file] }
            return tryNext(after: .noTargets)
        }
        pool.resolver.resolve(pool.key.host, port: pool.key.port) { [self] result in
            switch result {
            case .success(let addresses):
                self.addresses = addresses[...]
                tryNext(after: .noTargets)
            case .failure(let fault): fail(fault)
            }
        }
    }

    private func tryNext(after fault: UpstreamFault) {
        guard !isDone else { return }
        guard let address = addresses.popFirst() else { return fail(fault) }
        let remaining = deadline == .distantFuture ? TimeAmount.hours(1) : deadline - .now()
        guard remaining > .nanoseconds(0) else { return fail(.connectTimeout) }
        let bound = NIOLoopBound(self, eventLoop: pool.eventLoop)
        ClientBootstrap(group: pool.eventLoop)
            .connectTimeout(remaining)
            .channelOption(.autoRead, value: false)
            .channelOption(.writeBufferWaterMark, value: Listener.waterMark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.configure(channel) }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenFailure { [self] error in
                abandonConnection = nil
                // What is no failure of the transport is one of TLS: a name that cannot be sent, for example.
                tryNext(after: .connect(error))
            }
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
            abandonConnection = tunnel.abandon
            return try pipeline.addHandler(tunnel)
        }
        let connection = UpstreamConnection(pool: pool, connector: self, isTLS: pool.tls != nil, limits: snapshot.settings.limits)
        abandonConnection = connection.abandon
        try pipeline.addHandler(connection)
    }

    /// Address literals are verified against the certificate by the library, but not sent (RFC 6066 section 3).
    private static func serverName(_ name: String?) -> String? {
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
        pool.serveWaiting(snapshot: snapshot)
    }

    func ready(_ session: UpstreamSession) {
        guard !isDone else { return session.close() }
        finish()
        let exchange = exchange
        self.exchange = nil
        pool.opened(session, for: exchange, snapshot: snapshot)
    }

    /// The connection was made and then failed: in the handshake, or at once.
    func broken(_ error: (any Error)?, peer: NIOSSLCertificate?) {
        guard !isDone else { return }
        abandonConnection = nil
        if pool.tls != nil {
            fail(.tls(snapshot.classifyUpstreamTLSFailure(error ?? ChannelError.eof, peer)))
        } else {
            tryNext(after: error.map { .connect($0) } ?? .terminated)
        }
    }

    private func fail(_ fault: UpstreamFault) {
        guard !isDone else { return }
        finish()
        pool.ended(nil)
        let abandon = abandonConnection
        abandonConnection = nil
        abandon?()
        let exchange = exchange
        self.exchange = nil
        exchange?.connectFailed(fault)
        pool.serveWaiting(snapshot: snapshot, fault: fault)
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
