import NIOCore
import NIOPosix

/// One TCP or socket-file connection to the first address that answers. Nothing is sent.
final class AddressRace {
    private let eventLoop: any EventLoop
    private let addresses: [SocketAddress]
    private let deadline: NIODeadline
    private let timer: DeadlineTimer
    private var machine: AddressRaceStateMachine
    private var done: ((Result<any Channel, any Error>) -> Void)?
    private var channels: [ObjectIdentifier: any Channel] = [:]
    private var lastError: any Error = ChannelError.connectTimeout(.zero)

    /// With success, `done` adds handlers to the channel, which then see it become active. It does not read by itself.
    init(
        eventLoop: any EventLoop, addresses: [SocketAddress], deadline: NIODeadline, done: @escaping (Result<any Channel, any Error>) -> Void
    ) {
        self.eventLoop = eventLoop
        self.addresses = addresses
        self.deadline = deadline
        self.done = done
        timer = DeadlineTimer(eventLoop: eventLoop)
        machine = AddressRaceStateMachine(count: addresses.count)
    }

    func start() {
        timer.start(self)
        act(machine.start())
    }

    /// `done` is not called any more.
    func cancel() {
        done = nil
        stop(except: nil)
    }

    private func act(_ action: AddressRaceStateMachine.Action) {
        switch action {
        case .wait: break
        case .fail: finish(.failure(lastError))
        case .connect(let index, let hasMore):
            if hasMore { timer.arm(after: AddressRaceStateMachine.delay) } else { timer.disarm() }
            connect(to: addresses[index])
        }
    }

    private func connect(to address: SocketAddress) {
        let remaining = deadline == .distantFuture ? TimeAmount.hours(1) : deadline - .now()
        guard remaining > .nanoseconds(0) else { return finish(.failure(ChannelError.connectTimeout(.zero))) }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        // A socket file has no peer that could be gone without a word.
        let keepalive = if case .unixDomainSocket = address { TCPKeepalive.options.prefix(0) } else { TCPKeepalive.options[...] }
        keepalive.reduce(ClientBootstrap(group: eventLoop)) { $0.channelOption($1.option, value: $1.value) }
            .connectTimeout(remaining)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: Listener.buffersPerRead)
            .channelOption(.writeBufferWaterMark, value: Listener.waterMark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    bound.value.channels[ObjectIdentifier(channel)] = channel
                    try channel.pipeline.syncOperations.addHandler(AddressRaceEntry(bound.value))
                }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenFailure { [self] error in
                guard done != nil else { return }
                lastError = error
                act(machine.failed())
            }
    }

    /// Whether the channel is the first one.
    fileprivate func connected(_ channel: any Channel) -> Bool {
        guard done != nil else { return false }
        finish(.success(channel))
        return true
    }

    private func finish(_ result: Result<any Channel, any Error>) {
        guard let done else { return }
        self.done = nil
        stop(except: try? result.get())
        done(result)
    }

    private func stop(except winner: (any Channel)?) {
        timer.stop()
        let others = channels
        channels = [:]
        for channel in others.values where channel !== winner { channel.close(promise: nil) }
    }
}

extension AddressRace: DeadlineTimerOwner {
    func timerFired() { act(machine.delayPassed()) }
}

/// Stands in the channel until it is connected.
private final class AddressRaceEntry: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private var race: AddressRace?

    init(_ race: AddressRace) {
        self.race = race
    }

    func channelActive(context: ChannelHandlerContext) {
        let race = race
        self.race = nil
        guard race?.connected(context.channel) ?? false else { return context.close(promise: nil) }
        context.fireChannelActive()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        race = nil
    }
}
