import Foundation

/// Where the time comes from; tests hold one that stands still.
public struct WallClock: Sendable {
    private let read: @Sendable () -> Int64

    /// `nanoseconds` returns nanoseconds since 1970.
    public init(nanoseconds: @escaping @Sendable () -> Int64) {
        read = nanoseconds
    }

    public static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Nanoseconds since 1970.
    public var nanoseconds: Int64 { read() }
    /// Whole seconds since 1970.
    public var seconds: Int64 { read() / 1_000_000_000 }
}
