public import Logging
public import NIOCore
public import NIOPosix
public import Observability
import Routing
import Synchronization

/// The data plane: listeners, and everything between a client's bytes and an upstream's.
public final class ProxyServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let holder: SnapshotHolder
    private let sink: LogSink
    private let clock: @Sendable () -> Int64
    private let logger: Logger
    private let lookup: NameLookup
    private let state: ServerState
    private let watch = Mutex<NIOLoopBound<HealthWatch>?>(nil)
    private let workers = Mutex<[ObjectIdentifier: NIOLoopBound<LoopWorker>]>([:])
    private let listeners = Mutex<[ListeningPort]>([])

    /// `sink` is where access lines go. `clock` gives nanoseconds since 1970.
    public convenience init(
        group: MultiThreadedEventLoopGroup, holder: SnapshotHolder, sink: LogSink, clock: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.init(group: group, holder: holder, sink: sink, clock: clock, logger: logger, lookup: .system)
    }

    init(
        group: MultiThreadedEventLoopGroup, holder: SnapshotHolder, sink: LogSink, clock: @escaping @Sendable () -> Int64, logger: Logger,
        lookup: NameLookup
    ) {
        self.group = group
        self.holder = holder
        self.sink = sink
        self.clock = clock
        self.logger = logger
        self.lookup = lookup
        state = ServerState(targets: TargetRegistry(logger: logger))
    }

    /// Client connections now.
    public var connectionCount: Int { state.connections.load(ordering: .relaxed) }

    /// What is known of the targets of a route, and what it has under way.
    func targets(of route: CompiledRoute) -> RouteTargets { state.targets.targets(of: route) }

    /// Responses say that their connection ends, and no new ones are accepted.
    public var isShuttingDown: Bool { state.isShuttingDown.load(ordering: .relaxed) }

    /// Listens. Port 0 takes a free one; the address tells which. Throws when the address cannot be had.
    @discardableResult
    public func bind(address: String, port: Int, role: ListenerRole = .proxy) async throws -> SocketAddress {
        let bootstrap = try await bootstrap(role).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        return try add(try await bootstrap.bind(host: address, port: port).get(), role).address
    }

    /// Accepts connections of a socket that listens already, and takes the descriptor over.
    public func listen(on descriptor: CInt, role: ListenerRole) async throws -> ListeningPort {
        try add(try await bootstrap(role).withBoundSocket(descriptor).get(), role)
    }

    private func bootstrap(_ role: ListenerRole) async throws -> ServerBootstrap {
        let workers = try await makeWorkers()
        return TCPKeepalive.options.reduce(ServerBootstrap(group: group)) { $0.serverChannelOption($1.option, value: $1.value) }
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: Listener.buffersPerRead)
            .childChannelOption(.writeBufferWaterMark, value: Listener.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Accepted channels live on the group's loops, each of which has its worker.
                    guard let worker = workers[ObjectIdentifier(channel.eventLoop)] else { throw ChannelError.ioOnClosedChannel }
                    try Listener.configure(channel, worker: worker.value, role: role)
                }
            }
    }

    private func add(_ channel: any Channel, _ role: ListenerRole) throws -> ListeningPort {
        guard let local = channel.localAddress else { throw ChannelError.ioOnClosedChannel }
        let port = ListeningPort(channel: channel, address: local, group: group)
        listeners.withLock { listeners in
            listeners.removeAll { !$0.isOpen }
            listeners.append(port)
        }
        logger.info("listening", metadata: ["address": "\(local)", "role": "\(role.name)"])
        return port
    }

    private func makeWorkers() async throws -> [ObjectIdentifier: NIOLoopBound<LoopWorker>] {
        let known = workers.withLock { $0 }
        if !known.isEmpty { return known }
        var made: [ObjectIdentifier: NIOLoopBound<LoopWorker>] = [:]
        for loop in group.makeIterator() {
            made[ObjectIdentifier(loop)] = try await loop.submit { [self] in
                let log = LogBuffer(sink: sink)
                let worker = LoopWorker(
                    eventLoop: loop, server: state, holder: holder, log: log, clock: clock,
                    resolver: NameResolver(eventLoop: loop, lookup: lookup))
                let bound = NIOLoopBound(worker, eventLoop: loop)
                loop.scheduleRepeatedTask(initialDelay: LoopWorker.permitInterval, delay: LoopWorker.permitInterval) { _ in
                    bound.value.checkPermits()
                }
                return bound
            }.get()
        }
        let isFirst = workers.withLock { workers in
            guard workers.isEmpty else { return false }
            workers = made
            return true
        }
        if isFirst { try await startHealthWatch() }
        return workers.withLock { $0 }
    }

    private func startHealthWatch() async throws {
        let loop = group.next()
        let started = try await loop.submit { [self] in
            let watch = HealthWatch(
                eventLoop: loop, holder: holder, registry: state.targets, resolver: NameResolver(eventLoop: loop, lookup: lookup))
            let bound = NIOLoopBound(watch, eventLoop: loop)
            loop.scheduleRepeatedTask(initialDelay: .zero, delay: HealthWatch.interval) { _ in bound.value.tick() }
            return bound
        }.get()
        watch.withLock { $0 = started }
    }

    /// Stops listening, lets the requests under way end, at most that long, and then closes what is left.
    public func shutdown(drain: Duration) async {
        beginDrain()
        for port in listeners.withLock({ $0 }) { await port.close() }
        await finishDrain(within: drain)
        for port in listeners.withLock({ $0 }) { await port.close() }
    }

    /// From now on answers say that their connection ends.
    public func beginDrain() {
        state.isShuttingDown.store(true, ordering: .relaxed)
    }

    /// Lets the requests under way end, at most that long, and then closes what is left. Connections without one get a moment, as a client
    /// may be about to send.
    public func finishDrain(within limit: Duration) async {
        if let watch = watch.withLock({ $0 }) { try? await watch.eventLoop.submit { watch.value.stop() }.get() }
        let workers = workers.withLock { Array($0.values) }
        for worker in workers { try? await worker.eventLoop.submit { worker.value.beginShutdown() }.get() }
        let end = ContinuousClock.now + limit
        while connectionCount > 0, ContinuousClock.now < end, !state.isHurried.load(ordering: .relaxed) {
            try? await Task.sleep(for: .milliseconds(20))
        }
        for worker in workers { try? await worker.eventLoop.submit { worker.value.finishShutdown() }.get() }
    }

    /// Whether ``hurry()`` was called.
    public var isHurried: Bool { state.isHurried.load(ordering: .relaxed) }

    /// Ends a drain, now or later, at once.
    public func hurry() {
        state.isHurried.store(true, ordering: .relaxed)
    }

    /// Connections that were closed at once since the start: because there were too many in all, too many of their address, or for want of memory.
    public var refusedConnections: (total: UInt64, address: UInt64, memory: UInt64) {
        (state.admission.count(.total), state.admission.count(.address), state.admission.count(.memory))
    }

    // MARK: Memory

    /// Connections of visitors now.
    public var visitorCount: Int { state.admission.count }

    /// How much room there is; the event loops act on it from the next connection, request and piece of an unfinished head on.
    public var memoryLevel: MemoryLevel {
        get { state.memory.level }
        set { state.memory.level = newValue }
    }

    /// Has the event loops make room. Returns before they have.
    public func relieveMemory(_ relief: MemoryRelief) { onAllLoops { $0.relieve(relief) } }

    /// Requests that were refused, and connections that were ended, for want of memory since the start.
    public var memoryRefusals: (requests: UInt64, connections: UInt64) { (state.memory.refusedRequests, state.memory.endedConnections) }

    private func onAllLoops(_ body: @escaping @Sendable (LoopWorker) -> Void) {
        for worker in workers.withLock({ Array($0.values) }) { worker.eventLoop.execute { body(worker.value) } }
    }

    /// What the requests of visitors came to so far, over all event loops.
    public func traffic() async -> TrafficCounters {
        let workers = workers.withLock { Array($0.values) }
        var sum = TrafficCounters()
        for worker in workers {
            if let counted = try? await worker.eventLoop.submit({ worker.value.counters }).get() { sum.add(counted) }
        }
        return sum
    }
}

/// A listening socket that connections are accepted from.
public struct ListeningPort: Sendable {
    let channel: any Channel
    public let address: SocketAddress
    let group: MultiThreadedEventLoopGroup

    var isOpen: Bool { channel.isActive }

    /// Accepts no more. Connections accepted before stay, and none of them is lost: the socket is closed only once each has its handlers.
    public func close() async {
        guard channel.isActive else { return }
        try? await channel.setOption(.autoRead, value: false).get()
        for _ in 0..<2 {
            for loop in group.makeIterator() { try? await loop.submit {}.get() }
            try? await channel.eventLoop.submit {}.get()
        }
        try? await channel.close()
    }
}

extension ListenerRole {
    var name: String {
        switch self {
        case .proxy: "proxy"
        case .endpoints: "endpoints"
        case .httpsRedirect: "https-redirect"
        }
    }
}
