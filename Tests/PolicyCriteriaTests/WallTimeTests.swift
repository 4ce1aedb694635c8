import PolicyLanguage
import Testing

@testable import PolicyCriteria

@Suite struct WallTimeTests {
    @Test(arguments: [
        ("00:00", "00:00:00"), ("9:05", "09:05:00"), ("15:04", "15:04:00"), ("15:04:05", "15:04:05"), ("15:04:05.25", "15:04:05.25"),
        ("23:59:59.999999999", "23:59:59.999999999"), ("3:04 PM", "15:04:00"), ("3:04PM", "15:04:00"), ("3 PM", "15:00:00"), ("3pm", "15:00:00"),
        ("12 AM", "00:00:00"), ("12 PM", "12:00:00"), ("12:30am", "00:30:00"), ("2:20:00", "02:20:00"), ("11:59:59 pm", "23:59:59"),
    ])
    func readsTheUsualForms(text: String, written: String) {
        #expect(WallTime(text)?.description == written)
    }

    @Test(arguments: [
        "", "9", "24:00", "12:60", "12:00:60", "1:2", "001:02", "13 PM", "0 AM", ":30", "9:", "9:30:", "9:30:00.", "9:30:00.1234567890",
        "9:30:00.1.2",
        "PM", " 9:30", "9:30 ", "9:30  PM", "-1:30", "9:-3", "nine",
    ])
    func refuses(text: String) {
        #expect(WallTime(text) == nil)
    }

    @Test func followsTheZonesOfTheDatabase() throws {
        let berlin = try #require(LocalClock(identifier: "Europe/Berlin"))
        let winter = try #require(UnixTime(iso8601: "2024-01-01T23:30:00Z"))
        let summer = try #require(UnixTime(iso8601: "2024-07-01T21:30:00.5Z"))
        #expect(WallTime(nanoseconds: berlin.nanosecondsOfDay(at: winter)).description == "00:30:00")
        #expect(WallTime(nanoseconds: berlin.nanosecondsOfDay(at: summer)).description == "23:30:00.5")
        #expect(berlin.weekday(at: winter) == 1)
        #expect(LocalClock.utc.weekday(at: winter) == 0)
        #expect(LocalClock.utc.weekday(at: UnixTime(nanoseconds: -1)) == 2)
        #expect(LocalClock.utc.nanosecondsOfDay(at: UnixTime(nanoseconds: -1)) == LocalClock.nanosecondsPerDay - 1)
        for extreme in [UnixTime(nanoseconds: .min), UnixTime(nanoseconds: .max)] {
            #expect(0..<LocalClock.nanosecondsPerDay ~= berlin.nanosecondsOfDay(at: extreme))
            #expect(0..<7 ~= berlin.weekday(at: extreme))
        }
    }

    @Test(arguments: ["", "PST", "UTC+1", "Nowhere/City", "../etc/passwd", "europe berlin"])
    func refusesUnknownZones(name: String) {
        #expect(LocalClock(identifier: name) == nil)
    }
}
