import NIOCore

/// Told when the time of a ``DeadlineTimer`` has come. It looks at its own deadlines and arms the timer again for the next one.
protocol DeadlineTimerOwner: AnyObject {
    func timerFired()
}

/// One timer of a connection, moved lazily: a later deadline costs nothing, it is noticed when the earlier one fires.
final class DeadlineTimer: NIOScheduledCallbackHandler {
    private let eventLoop: any EventLoop
    private var owner: (any DeadlineTimerOwner)?
    private var scheduled: NIOScheduledCallback?
    private var firesAt = NIODeadline.distantFuture
    private(set) var deadline: NIODeadline?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// The timer holds the owner until ``stop()``.
    func start(_ owner: any DeadlineTimerOwner) {
        self.owner = owner
    }

    func arm(at deadline: NIODeadline) {
        self.deadline = deadline
        if scheduled == nil || deadline < firesAt { schedule(deadline) }
    }

    /// Arms for a moment from now; 0 disarms.
    func arm(after nanoseconds: Int64) {
        if nanoseconds > 0 { arm(at: .now() + .nanoseconds(nanoseconds)) } else { disarm() }
    }

    func disarm() {
        deadline = nil
    }

    func stop() {
        scheduled?.cancel()
        scheduled = nil
        deadline = nil
        owner = nil
    }

    private func schedule(_ deadline: NIODeadline) {
        scheduled?.cancel()
        firesAt = deadline
        scheduled = try? eventLoop.assumeIsolated().scheduleCallback(at: deadline, handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        scheduled = nil
        guard let deadline else { return }
        if NIODeadline.now() >= deadline {
            self.deadline = nil
            owner?.timerFired()
        } else {
            schedule(deadline)
        }
    }
}
