import HTTPWire
import NIOCore
import Observability
import Routing
import Synchronization

/// What all event loops of a server share.
final class ServerState: Sendable {
    /// On all listeners, those of probes and metrics included.
    let connections = Atomic<Int>(0)
    let admission = ClientAdmission()
    let memory = MemoryGate()
    let isShuttingDown = Atomic<Bool>(false)
    /// Nobody waits for running requests any more.
    let isHurried = Atomic<Bool>(false)
    let targets: TargetRegistry

    init(targets: TargetRegistry) {
        self.targets = targets
    }
}

/// Everything that the requests of one event loop share: nothing in it is seen by another loop.
final class LoopWorker {
    let eventLoop: any EventLoop
    let server: ServerState
    /// Belongs to the snapshot that ``snapshot`` gave last.
    private(set) var authorizer: any RequestAuthorizer
    let log: LogBuffer
    let resolver: NameResolver
    let upstreams: UpstreamDirectory
    /// What this loop has counted, read by whoever asks for metrics.
    var counters = TrafficCounters()
    /// Nanoseconds since 1970.
    let clock: @Sendable () -> Int64

    // Reused for one head after the other; nobody keeps them over a call.
    var heads = HeadBuilder(capacity: 4096)
    var startLine = HeadBuilder(capacity: 256)
    var chunkSize: [UInt8] = []
    var scratch: [UInt8] = []

    private let holder: SnapshotHolder
    private var epoch: UInt64 = 0
    private var current: DataPlaneSnapshot
    private var requestIDs = RequestIDSource()
    private var date = HTTPDate()
    private(set) var connections: [ObjectIdentifier: (connection: any ClientConnection, number: UInt64)] = [:]
    /// Of the newest connection.
    private(set) var connectionNumber: UInt64 = 0
    private var isFlushScheduled = false
    /// Connections with something to say that has not been sent yet.
    private var unsent: [any FlushedConnection] = []
    /// Empty, for the next turn: so that none has to be allocated.
    private var spare: [any FlushedConnection] = []
    private var permitEpoch: UInt64 = 0
    /// The snapshot that the exchanges under way were last held against.
    private var recheckedEpoch: UInt64 = 0
    private var lastPermitCheck = NIODeadline.uptimeNanoseconds(0)
    /// Exchanges under way, in no order.
    private(set) var exchanges: [UpstreamExchange] = []

    /// Log lines wait at most this long.
    private static let logDelay = TimeAmount.milliseconds(20)

    init(
        eventLoop: any EventLoop, server: ServerState, holder: SnapshotHolder, log: LogBuffer, clock: @escaping @Sendable () -> Int64,
        resolver: NameResolver
    ) {
        self.eventLoop = eventLoop
        self.server = server
        self.holder = holder
        self.log = log
        self.clock = clock
        self.resolver = resolver
        (epoch, current) = holder.read()
        authorizer = current.makeAuthorizer(log)
        recheckedEpoch = epoch
        upstreams = UpstreamDirectory(eventLoop: eventLoop, resolver: resolver, registry: server.targets)
        permitEpoch = authorizer.epoch
    }

    // MARK: Permits of running exchanges

    /// How often a revocation is looked for.
    static let permitInterval = TimeAmount.milliseconds(100)
    /// How often every session is looked at, as a session can also just end.
    private static let sessionInterval = TimeAmount.seconds(1)

    /// From now on the exchange is ended when its session is, or when a changed policy no longer allows it.
    func watch(_ exchange: UpstreamExchange) {
        exchange.watchIndex = exchanges.count
        exchanges.append(exchange)
    }

    func unwatch(_ exchange: UpstreamExchange) {
        guard let index = exchange.watchIndex, index < exchanges.count, exchanges[index] === exchange else { return }
        exchange.watchIndex = nil
        let last = exchanges.removeLast()
        guard last !== exchange else { return }
        exchanges[index] = last
        last.watchIndex = index
    }

    /// Called every ``permitInterval``. Costs three comparisons while nothing was revoked and the configuration is the same.
    func checkPermits() {
        // Also lets go of an old snapshot where no request comes.
        _ = snapshot
        authorizer.handOver()
        if recheckedEpoch != epoch {
            recheckedEpoch = epoch
            for exchange in Array(exchanges) { exchange.judge(exchange.checkPolicy(), .policyChanged) }
        }
        let (now, seen) = (NIODeadline.now(), authorizer.epoch)
        guard seen != permitEpoch || now - lastPermitCheck >= Self.sessionInterval else { return }
        permitEpoch = seen
        lastPermitCheck = now
        let time = clock()
        for exchange in Array(exchanges) { exchange.judge(authorizer.check(exchange.permit, now: time), .sessionEnded) }
    }

    /// The current snapshot; the lock is touched only when there is a new one.
    var snapshot: DataPlaneSnapshot {
        if holder.epoch != epoch {
            (epoch, current) = holder.read()
            authorizer.handOver()
            authorizer = current.makeAuthorizer(log)
            upstreams.snapshotChanged()
        }
        return current
    }

    var isShuttingDown: Bool { server.isShuttingDown.load(ordering: .relaxed) }
    /// Answers say that their connection ends, and resting ones do: the process stops, or is short of memory.
    var endsConnections: Bool { isShuttingDown || server.memory.isShort }

    func makeRequestID() -> RequestID { requestIDs.makeID() }

    /// The value of a Date field now.
    var dateText: [UInt8] {
        date.update(nanoseconds: clock())
        return date.text
    }

    /// A connection that was closed before its first request.
    func logRefusedConnection(from peer: SocketAddress?, reason: String) {
        log.line("info", at: clock()) { writer in
            writer.key("message")
            writer.string("connection refused" as StaticString)
            writer.key("ip")
            writer.string(peer?.ipAddress ?? "")
            writer.key("error")
            writer.string(reason)
        }
        scheduleLogFlush()
    }

    /// A connection that there was no room for. A flood of them makes one line a second.
    func logCrowding(_ refusal: ClientAdmission.Refusal, from client: SocketAddress?) {
        let now = clock()
        guard let count = server.admission.refused(refusal, now: now) else { return }
        log.line("warn", at: now) { writer in
            writer.key("message")
            writer.string("connections refused: there are too many" as StaticString)
            writer.key("limit")
            writer.string(refusal.setting)
            writer.key("ip")
            writer.string(client?.ipAddress ?? "")
            writer.key("count")
            writer.int(Int64(count))
        }
        scheduleLogFlush()
    }

    /// Hands the log lines over soon, together with those of other requests.
    func scheduleLogFlush() {
        guard !isFlushScheduled, !log.isEmpty else { return }
        isFlushScheduled = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.logDelay) { [self] in
            isFlushScheduled = false
            log.flush()
        }
    }

    // MARK: Sending

    /// So many connections are kept waiting at most, so that the other side does not idle meanwhile.
    private static let flushBatch = 32

    /// Flushes the connection when everything that has arrived is dealt with. Whoever waits at the other end is then woken once for many
    /// messages: waking it for each costs more than all the rest of the message.
    func flushSoon(_ connection: any FlushedConnection) {
        unsent.append(connection)
        if unsent.count >= Self.flushBatch { return flushAll() }
        guard unsent.count == 1 else { return }
        eventLoop.assumeIsolated().execute { [self] in flushAll() }
    }

    private func flushAll() {
        // A flush can end a connection, and with it others: what these add waits for the next turn.
        swap(&unsent, &spare)
        for connection in spare { connection.flush() }
        spare.removeAll(keepingCapacity: true)
    }

    func add(_ connection: any ClientConnection) {
        connectionNumber &+= 1
        connections[ObjectIdentifier(connection)] = (connection, connectionNumber)
    }

    func remove(_ connection: any ClientConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Connections with a request end with it, the others soon.
    func beginShutdown() {
        for entry in Array(connections.values) { entry.connection.shutDown(now: false) }
    }

    func finishShutdown() {
        for entry in Array(connections.values) { entry.connection.shutDown(now: true) }
        upstreams.closeAll()
        authorizer.handOver()
        log.flush()
    }

    var connectionCount: Int { connections.count }
}
