/// What a client may make us do for nothing. Every count has its time, in nanoseconds of any clock that does not go back.
struct FloodGuard: Sendable {
    /// Streams that are opened to be reset at once cost more than they look (CVE-2023-44487), whoever is made to send the reset (CVE-2025-8671).
    private static let maxResets = 200
    private static let resetTime: Int64 = 30_000_000_000
    /// PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA and unknown frames, in this time (CVE-2019-9512, 9513, 9515, 9518).
    private static let maxIdleFrames = 10_000
    private static let idleTime: Int64 = 10_000_000_000
    /// What an exchange of data makes up for: a client that receives much says so often.
    private static let framesPerData = 4
    private static let maxEmptyData = 8
    /// CVE-2024-27316.
    static let maxContinuations = 64

    private var resets = 0
    private var resetsSince = Int64.min
    private var idleFrames = 0
    private var idleSince = Int64.min
    private var emptyData = 0

    /// False once there were too many.
    mutating func reset(now: Int64) -> Bool {
        if resetsSince == .min || now &- resetsSince > Self.resetTime { (resets, resetsSince) = (0, now) }
        resets += 1
        return resets <= Self.maxResets
    }

    mutating func idleFrame(now: Int64) -> Bool {
        if idleSince == .min || now &- idleSince > Self.idleTime { (idleFrames, idleSince) = (0, now) }
        idleFrames += 1
        return idleFrames <= Self.maxIdleFrames
    }

    mutating func emptyDataFrame() -> Bool {
        emptyData += 1
        return emptyData <= Self.maxEmptyData
    }

    /// A frame with content, either way.
    mutating func data() {
        emptyData = 0
        idleFrames = max(0, idleFrames - Self.framesPerData)
    }
}
