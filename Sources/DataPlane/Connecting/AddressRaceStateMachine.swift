/// Which address of an upstream is tried when (RFC 8305 section 5): the next one 250 ms after the one before, or as soon as one fails; the first
/// connection wins.
struct AddressRaceStateMachine {
    enum Action: Equatable {
        /// Try this address, and come back with ``delayPassed()`` after the delay if there are more.
        case connect(Int, hasMore: Bool)
        case wait
        /// Every address has failed.
        case fail
    }

    /// "Connection Attempt Delay" of RFC 8305 section 8, in nanoseconds.
    static let delay: Int64 = 250_000_000

    private let count: Int
    private var next = 0
    private var running = 0

    init(count: Int) {
        self.count = count
    }

    mutating func start() -> Action { advance() }

    mutating func delayPassed() -> Action { next < count ? advance() : .wait }

    mutating func failed() -> Action {
        running -= 1
        return advance()
    }

    private mutating func advance() -> Action {
        guard next < count else { return running > 0 ? .wait : .fail }
        next += 1
        running += 1
        return .connect(next - 1, hasMore: next < count)
    }
}
