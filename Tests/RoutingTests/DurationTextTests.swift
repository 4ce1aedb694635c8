import Testing

@testable import Routing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("0", 0), ("300ms", 300_000_000), ("1h30m", 5_400_000_000_000), ("1.5s", 1_500_000_000), (".5s", 500_000_000), ("2us", 2_000), ("2µs", 2_000),
        ("1ns", 1), ("+30s", 30_000_000_000), ("1m1m", 120_000_000_000), ("0s", 0), ("292h", 1_051_200_000_000_000),
    ])
    func readsDurations(text: String, nanoseconds: Int64) throws {
        #expect(try DurationText.parse(text) == nanoseconds)
    }

    @Test(arguments: ["", "30", "1e3s", "-30s", "s", ".s", "1..5s", "1.2.3s", "30 s", "30x", "9999999h", "1d", "٣s", "0x10s"])
    func refusesWhatIsNoDuration(text: String) {
        #expect(throws: DurationText.Problem.self) { try DurationText.parse(text) }
    }

    @Test func asksForAUnit() {
        #expect(throws: DurationText.Problem(message: "missing unit in the duration 30", help: "write 30s for seconds")) {
            try DurationText.parse("30")
        }
    }

    @Test(arguments: [("0", Int64(0)), ("30s", 30_000_000_000), ("14h", 50_400_000_000_000), ("1h30m", 5_400_000_000_000), ("250ms", 250_000_000)])
    func writesWhatItReads(text: String, nanoseconds: Int64) throws {
        #expect(DurationText.format(nanoseconds) == text)
        #expect(try DurationText.parse(text) == nanoseconds)
    }
}
