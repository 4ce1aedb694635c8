import Routing
import Testing

@testable import DataPlane

@Suite struct OutlierTests {
    private func settings(_ change: (inout OutlierDetection) -> Void = { _ in }) -> OutlierDetection {
        var settings = OutlierDetection()
        settings.baseEjectionTime = 10
        settings.maxEjectionTime = 25
        change(&settings)
        return settings
    }

    @Test func staysOutLongerEachTime() {
        var state = EjectionState()
        var now: Int64 = 0
        for time in [10, 20, 25, 25] as [Int64] {
            state.eject(now: now, jitter: 0, settings())
            let early = state.sweep(now: now + time - 1)
            let late = state.sweep(now: now + time)
            #expect(!early && late)
            #expect(!state.isOut)
            now += time
        }
    }

    @Test func isForgivenWithTime() {
        var state = EjectionState()
        state.eject(now: 0, jitter: 0, settings())
        let first = [10, 20].map { state.sweep(now: $0) }
        #expect(first == [true, false])
        state.eject(now: 30, jitter: 3, settings())
        let second = [42, 43].map { state.sweep(now: $0) }
        #expect(second == [false, true])
    }

    @Test func theLongestTimesDoNotOverflow() {
        var state = EjectionState()
        let longest = settings {
            $0.baseEjectionTime = .max
            $0.maxEjectionTime = .max
        }
        for _ in 0..<3 {
            state.eject(now: 5, jitter: .max, longest)
            let isBack = state.sweep(now: .max - 1)
            let wasOut = state.end()
            #expect(!isBack && wasOut)
        }
    }

    private func samples(_ rates: [Int], requests: Int = 100) -> [OutlierRates.Sample] {
        rates.map { .init(requests: requests, successes: $0 * requests / 100) }
    }

    @Test func findsTheOneFarBelowTheMean() {
        let settings = settings { $0.successRateStdevFactor = 1500 }
        #expect(OutlierRates.belowMean(samples([100, 100, 100, 100, 50]), settings) == [4])
        #expect(OutlierRates.belowMean(samples([90, 91, 92, 93, 94]), settings) == [])
        #expect(OutlierRates.belowMean(samples([0, 0, 0, 0, 0]), settings) == [])
    }

    @Test func judgesNobodyByTooLittle() {
        let settings = settings { $0.successRateStdevFactor = 1500 }
        #expect(OutlierRates.belowMean(samples([100, 100, 100, 50]), settings) == [])
        #expect(OutlierRates.belowMean(samples([100, 100, 100, 100, 50], requests: 99), settings) == [])
        #expect(OutlierRates.failing(samples([100, 0], requests: 100), settings) == [])
        #expect(OutlierRates.failing(samples([100, 0, 0, 0, 0], requests: 49), settings) == [])
    }

    @Test func findsThoseThatMostlyFail() {
        #expect(OutlierRates.failing(samples([100, 16, 15, 0, 50]), settings()) == [2, 3])
    }
}
