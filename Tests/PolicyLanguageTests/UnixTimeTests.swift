import Testing

@testable import PolicyLanguage

@Suite struct UnixTimeTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1970-01-01T00:00:01Z", 1), ("1969-12-31T23:59:59Z", -1), ("2024-02-29T12:00:00Z", 1_709_208_000),
        ("2000-03-01", 951_868_800), ("2024-06-12T12:00", 1_718_193_600), ("2024-06-12 12:00:00", 1_718_193_600),
        ("2024-06-12t12:00:00z", 1_718_193_600), ("2024-06-12T14:00:00+02:00", 1_718_193_600), ("2024-06-12T06:30:00-0530", 1_718_193_600),
        ("2024-06-12T14:00:00 +02", 1_718_193_600), ("2016-12-31T23:59:60Z", 1_483_228_800),
    ])
    func readsISO8601(text: String, seconds: Int64) {
        #expect(UnixTime(iso8601: text) == UnixTime(seconds: seconds))
    }

    @Test(arguments: [
        "", "2024", "2024-06", "2024-6-1", "2024-02-30", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-04-31",
        "2024-01-01T", "2024-01-01T1", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00+", "2024-01-01T00:00:00+25:00", "2024-01-01T00:00:00+01:60", "2024-01-01T00:00:00Zx", "2024-01-01x", "-024-01-01",
        "2024-01-01T00:00:00 UTC", "20240101", "+2024-01-01",
    ])
    func refuses(text: String) {
        #expect(UnixTime(iso8601: text) == nil)
    }

    @Test func keepsNanoseconds() {
        let time = UnixTime(iso8601: "2024-06-12T12:00:00.1234567899Z")
        #expect(time?.nanoseconds == 1_718_193_600_123_456_789)
        #expect(time?.description == "2024-06-12T12:00:00.123456789Z")
        #expect(UnixTime(nanoseconds: -1).description == "1969-12-31T23:59:59.999999999Z")
    }

    @Test func saturatesOutsideOfItsRange() {
        #expect(UnixTime(iso8601: "9999-12-31T23:59:59Z")?.nanoseconds == .max)
        #expect(UnixTime(iso8601: "0001-01-01")?.nanoseconds == .min)
        #expect(UnixTime(seconds: .max).nanoseconds == .max)
    }

    @Test func everyDayOfFourCenturiesGoesThereAndBack() {
        for day in -75_000...75_000 {
            let (year, month, dayOfMonth) = UnixTime.date(ofDay: day)
            #expect(UnixTime.days(year: year, month: month, day: dayOfMonth) == day)
        }
    }

    @Test func writesWhatItReads() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<5_000 {
            let time = UnixTime(nanoseconds: Int64(bitPattern: random.next()))
            #expect(UnixTime(iso8601: time.description) == time)
        }
    }
}
