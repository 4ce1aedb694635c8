import Foundation
import PolicyLanguage

/// Wall-clock time in a zone of the IANA time zone database.
struct LocalClock: Sendable {
    static let nanosecondsPerDay: Int64 = 86_400_000_000_000
    static let utc = LocalClock(zone: nil)

    /// Nil is UTC, which needs no table.
    private let zone: TimeZone?

    private init(zone: TimeZone?) {
        self.zone = zone
    }

    /// A zone by its name, such as `Europe/Berlin`; legacy names like `Brazil/East` count. Nil for an unknown name, and for offsets and abbreviations.
    init?(identifier: String) {
        if identifier == "UTC" || identifier == "Etc/UTC" {
            self = .utc
            return
        }
        guard identifier.contains("/") || TimeZone.knownTimeZoneIdentifiers.contains(identifier), let zone = TimeZone(identifier: identifier) else {
            return nil
        }
        self.init(zone: zone)
    }

    /// Nanoseconds since local midnight, by the clock on the wall.
    func nanosecondsOfDay(at time: UnixTime) -> Int64 {
        let rest = (time.nanoseconds % Self.nanosecondsPerDay + offset(at: time) * 1_000_000_000) % Self.nanosecondsPerDay
        return rest < 0 ? rest + Self.nanosecondsPerDay : rest
    }

    /// 0 is Monday.
    func weekday(at time: UnixTime) -> Int {
        let seconds = time.seconds + offset(at: time)
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        // 1970-01-01 was a Thursday.
        let weekday = (days + 3) % 7
        return Int(weekday < 0 ? weekday + 7 : weekday)
    }

    /// Seconds east of Greenwich.
    private func offset(at time: UnixTime) -> Int64 {
        guard let zone else { return 0 }
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.seconds))))
    }
}
