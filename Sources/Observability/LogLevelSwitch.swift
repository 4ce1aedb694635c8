public import Logging
import Synchronization

/// The least severe level that is logged, for the whole process; a reload may change it.
public final class LogLevelSwitch: Sendable {
    private let rank: Atomic<Int>

    public init(_ level: Logger.Level) {
        rank = Atomic(Self.rank(of: level))
    }

    public var level: Logger.Level {
        get { Logger.Level.allCases[rank.load(ordering: .relaxed)] }
        set { rank.store(Self.rank(of: newValue), ordering: .relaxed) }
    }

    private static func rank(of level: Logger.Level) -> Int {
        Logger.Level.allCases.firstIndex(of: level) ?? 0
    }
}
