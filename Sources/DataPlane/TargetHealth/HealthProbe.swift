import HTTPWire
import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS
import Routing

/// One probe of one target, on a connection of its own.
final class HealthProbe {
    typealias Completion = (HealthCheckStateMachine.Answer, _ reason: String) -> Void

    private let check: HealthCheck
    private let target: UpstreamTarget
    private let route: CompiledRoute
    private let snapshot: DataPlaneSnapshot
    private let eventLoop: any EventLoop
    private let resolver: NameResolver
    private let timer: DeadlineTimer
    private var done: Completion?
    private var race: AddressRace?
    private var channel: (any Channel)?

    init(
        check: HealthCheck, target: UpstreamTarget, route: CompiledRoute, snapshot: DataPlaneSnapshot, eventLoop: any EventLoop,
        resolver: NameResolver, done: @escaping Completion
    ) {
        self.check = check
        self.target = target
        self.route = route
        self.snapshot = snapshot
        self.eventLoop = eventLoop
        self.resolver = resolver
        self.done = done
        timer = DeadlineTimer(eventLoop: eventLoop)
    }

    func start() {
        timer.start(self)
        timer.arm(after: check.timeout)
        let port = target.isSocketFile ? 0 : check.altPort ?? target.port
        resolver.addresses(of: target.host, port: port, settings: snapshot.settings.names) { [self] result in
            guard done != nil else { return }
            switch result {
            case .failure(let fault): finish(.failed, fault.detail)
            case .success(let addresses): connect(to: addresses)
            }
        }
    }

    /// The completion is not called any more.
    func cancel() {
        done = nil
        close()
    }

    func finish(_ answer: HealthCheckStateMachine.Answer, _ reason: String) {
        guard let done else { return }
        self.done = nil
        close()
        done(answer, reason)
    }

    private func close() {
        timer.stop()
        race?.cancel()
        race = nil
        channel?.close(promise: nil)
        channel = nil
    }

    private func connect(to addresses: [SocketAddress]) {
        let deadline = NIODeadline.now() + .nanoseconds(check.timeout)
        let race = AddressRace(eventLoop: eventLoop, addresses: addresses, deadline: deadline) { [self] result in
            self.race = nil
            do {
                let channel = try result.get()
                self.channel = channel
                try configure(channel)
            } catch {
                finish(.failed, UpstreamFault.connect(error).detail)
            }
        }
        self.race = race
        race.start()
    }

    // MARK: Pipelines

    private func configure(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try channel.syncOptions?.setOption(.autoRead, value: true)
        guard target.usesTLS else { return try speak(on: channel, protocol: nil) }
        let name = route.definition.upstreamTLS.serverName ?? (target.isSocketFile ? "localhost" : target.host)
        let context = try snapshot.upstreamTLS(route, check.probe.usesHTTP2)
        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: UpstreamConnector.serverName(name)))
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        try pipeline.addHandler(HealthProbeErrors(self))
        try pipeline.addHandler(
            ApplicationProtocolNegotiationHandler { result, channel in
                channel.eventLoop.makeCompletedFuture {
                    if case .negotiated(let name) = result {
                        try bound.value.speak(on: channel, protocol: name)
                    } else {
                        try bound.value.speak(on: channel, protocol: nil)
                    }
                }
            })
    }

    private func speak(on channel: any Channel, protocol negotiated: String?) throws {
        let pipeline = channel.pipeline.syncOperations
        switch check.probe {
        case .tcp(let probe): try pipeline.addHandler(TCPProbeHandler(probe, of: self))
        case .http(let probe):
            let authority = probe.host ?? (target.authority.isEmpty ? "localhost" : target.authority)
            if probe.usesHTTP2 || target.scheme == .h2c || negotiated == "h2" {
                try openStream(on: channel, HTTP2ProbeHandler(.http(probe), authority: authority, isTLS: target.usesTLS, of: self))
            } else {
                try pipeline.addHandler(HTTPProbeHandler(probe, authority: authority, limits: snapshot.settings.limits, of: self))
            }
        case .grpc(let service, let authority):
            let name = authority ?? (target.authority.isEmpty ? "localhost" : target.authority)
            try openStream(on: channel, HTTP2ProbeHandler(.grpc(service: service), authority: name, isTLS: target.usesTLS, of: self))
        }
    }

    private func openStream(on channel: any Channel, _ handler: HTTP2ProbeHandler) throws {
        let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: .init(), streamConfiguration: .init()
        ) { stream in
            // Nothing is pushed to us: the peer was not told that it may.
            stream.close()
        }
        let bound = NIOLoopBound((probe: self, handler: handler), eventLoop: eventLoop)
        multiplexer.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture { try stream.pipeline.syncOperations.addHandler(bound.value.handler) }
        }.assumeIsolated().whenFailure { _ in bound.value.probe.finish(.failed, "connection_termination") }
        try channel.pipeline.syncOperations.addHandler(HealthProbeErrors(self))
    }
}

extension HealthProbe: DeadlineTimerOwner {
    func timerFired() { finish(.failed, "timeout") }
}

/// Ends a probe whose connection fails in the handshake or goes away.
private final class HealthProbeErrors: ChannelInboundHandler {
    typealias InboundIn = Any

    private let probe: HealthProbe

    init(_ probe: HealthProbe) {
        self.probe = probe
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        probe.finish(.failed, "connection_failure")
    }

    func channelInactive(context: ChannelHandlerContext) {
        context.fireChannelInactive()
        probe.finish(.failed, "connection_termination")
    }
}
