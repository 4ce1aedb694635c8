import DataPlane

/// From readings of the process's memory to levels, and to what is done about them. No I/O; the clock is handed in, in nanoseconds.
///
/// Every level ends well below where it began, and not before a second is over, so that nothing flaps. A level that nothing is left to be done about
/// ends too: what the process needs by itself is no reason to keep everybody out for ever, see ``Step/raised``.
struct MemoryPressure {
    /// Where levels begin and end, in percent of the limit.
    enum Mark {
        static let calm: Int64 = 85
        static let high: Int64 = 90
        static let relaxed: Int64 = 95
        static let full: Int64 = 100
        /// So far above that refusing is not given its time.
        static let far: Int64 = 110
        /// From here on readings are taken more often.
        static let near: Int64 = 75
        /// What the process needs without any client may be so much of the limit.
        static let rest: Int64 = 80
    }

    /// One reading's outcome.
    struct Step: Equatable {
        var level: MemoryLevel
        /// The level was another one before.
        var changed = false
        var reliefs: [MemoryRelief] = []
        /// The allocator is to give pages back; the outcome goes to ``trimmed(from:to:)``.
        var trims = false
        /// The limit is less than the process needs by itself, so that this one counts instead.
        var raised: Int64?
        /// Nanoseconds to the next reading.
        var pause: Int64
    }

    private static let second: Int64 = 1_000_000_000
    static let slowPause = second / 20
    static let quickPause = second / 100
    /// A level lasts that long at least.
    private static let shortest = second
    /// What is closed is free soon, and can then be given back.
    private static let firstTrim = second / 10
    private static let longestTrimPause = 30 * second
    private static let closingPause = 5 * second
    /// How long refusing may take to help: at the limit, far above it, and while the reading is below the limit again but not by much.
    private static let patience = (full: 2 * second, far: second / 2, lingering: 10 * second)
    /// After so long what is left is what the process needs by itself.
    private static let judgement = 10 * second
    /// What a connection may explain: a tunnel or a few streams; and what one that is about to be closed does.
    private static let connectionShare = (open: Int64(16 << 20), refused: Int64(256 << 10))

    /// For clients and sign-ins, where the limit is less than the process needs by itself.
    static let leastRoom: Int64 = 64 << 20

    /// As configured; nil is none.
    private(set) var limit: Int64?
    /// What counts: more than ``limit`` where that is too little.
    private(set) var effective: Int64 = 0
    private(set) var level = MemoryLevel.normal
    private var changedAt: Int64 = 0
    /// Since when the level is not normal.
    private var pressedSince: Int64 = 0
    /// Since when requests are refused.
    private var fullSince: Int64 = 0
    private var nextClosing: Int64 = 0
    private var nextEnding: Int64 = 0
    private var nextCut: Int64 = 0
    private var nextTrim: Int64 = 0
    private var trimPause = second
    private var isFirstReading = true

    init(limit: Int64?) {
        self.limit = limit
        effective = limit ?? 0
    }

    /// A changed limit counts from the next reading on. What was learned about the process is learned again.
    mutating func setLimit(_ new: Int64?) {
        guard new != limit else { return }
        limit = new
        effective = new ?? 0
        isFirstReading = true
    }

    /// `resident` is a reading in bytes, `connections` are those of visitors. The first reading is taken before there are any, or is judged like one.
    mutating func observe(_ resident: Int64, connections: Int, now: Int64) -> Step {
        guard limit != nil else {
            let changed = level != .normal
            level = .normal
            return Step(level: level, changed: changed, pause: Self.second)
        }
        var step = Step(level: level, pause: Self.slowPause)
        if needsMore(resident, connections, now) {
            let own = own(resident, connections)
            effective = max(effective, own / Mark.rest * 100, own &+ Self.leastRoom)
            step.raised = effective
        }
        isFirstReading = false
        let before = level
        move(resident, now)
        step.level = level
        step.changed = level != before
        if step.changed { entered(from: before, now) }
        act(resident, now, &step)
        if level != .normal || resident >= mark(Mark.near) { step.pause = Self.quickPause }
        return step
    }

    /// What giving pages back came to; where it is little it is tried less often.
    mutating func trimmed(from before: Int64, to after: Int64) {
        trimPause = before &- after < effective / 100 ? min(trimPause * 2, Self.longestTrimPause) : Self.second
    }

    // MARK: Levels

    private func mark(_ percent: Int64) -> Int64 { effective / 100 &* percent }

    private mutating func move(_ resident: Int64, _ now: Int64) {
        let mayEnd = now &- changedAt >= Self.shortest
        switch level {
        case .normal, .high:
            if resident >= mark(Mark.full) {
                level = .full
            } else if resident >= mark(Mark.high) {
                level = .high
            } else if mayEnd, resident < mark(Mark.calm) {
                level = .normal
            }
        case .full, .exceeded:
            if mayEnd, resident < mark(Mark.relaxed) {
                level = resident < mark(Mark.calm) ? .normal : .high
            } else if level == .full, isOutOfPatience(resident, now) {
                level = .exceeded
            }
        }
    }

    private func isOutOfPatience(_ resident: Int64, _ now: Int64) -> Bool {
        let time = now &- fullSince
        if resident >= mark(Mark.far), time >= Self.patience.far { return true }
        return time >= (resident >= mark(Mark.full) ? Self.patience.full : Self.patience.lingering)
    }

    private mutating func entered(from before: MemoryLevel, _ now: Int64) {
        changedAt = now
        guard level > before else { return }
        if before == .normal {
            pressedSince = now
            nextClosing = now
            nextEnding = now
        }
        if before < .full, level >= .full {
            fullSince = now
            nextEnding = now
        }
        if level == .exceeded { nextCut = now }
        trimPause = Self.second
        nextTrim = now &+ Self.firstTrim
    }

    private mutating func act(_ resident: Int64, _ now: Int64, _ step: inout Step) {
        guard level != .normal else { return }
        if now >= nextClosing {
            nextClosing = now &+ Self.closingPause
            step.reliefs.append(.closeResting)
        }
        if now >= nextEnding {
            nextEnding = now &+ Self.second
            step.reliefs.append(.endUnfinished(all: level >= .full && fullSince == now))
        }
        if level == .exceeded, now >= nextCut {
            nextCut = now &+ Self.second
            step.reliefs.append(.cutRequests)
        }
        if now >= nextTrim {
            nextTrim = now &+ trimPause
            step.trims = true
        }
    }

    // MARK: What the process needs by itself

    private func own(_ resident: Int64, _ connections: Int) -> Int64 {
        let share = level == .exceeded ? Self.connectionShare.refused : Self.connectionShare.open
        return resident &- Int64(connections) &* share
    }

    private func needsMore(_ resident: Int64, _ connections: Int, _ now: Int64) -> Bool {
        if isFirstReading { return own(resident, connections) > mark(Mark.rest) }
        guard level != .normal, now &- (level == .exceeded ? changedAt : pressedSince) >= Self.judgement else { return false }
        return own(resident, connections) >= mark(Mark.calm)
    }
}
