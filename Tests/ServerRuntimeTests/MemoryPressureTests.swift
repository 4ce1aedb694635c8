import DataPlane
import Testing

@testable import ServerRuntime

@Suite struct MemoryPressureTests {
    /// Readings in percent of a limit of 100 MiB, at times in milliseconds.
    private struct Script {
        var pressure = MemoryPressure(limit: 100 << 20)
        var now: Int64 = 0

        init(rest percent: Int64 = 50) { _ = read(percent) }

        @discardableResult
        mutating func read(_ percent: Int64, connections: Int = 0, after milliseconds: Int64 = 0) -> MemoryPressure.Step {
            now += milliseconds * 1_000_000
            return pressure.observe((100 << 20) / 100 * percent, connections: connections, now: now)
        }

        /// The same reading every ten milliseconds; what was done in all.
        mutating func hold(_ percent: Int64, connections: Int = 0, milliseconds: Int64) -> [MemoryPressure.Step] {
            (0..<milliseconds / 10).map { _ in read(percent, connections: connections, after: 10) }
        }
    }

    @Test func doesNothingWhileThereIsRoom() {
        var script = Script()
        for step in script.hold(89, connections: 10, milliseconds: 5000) {
            #expect(step.level == .normal && step.reliefs.isEmpty && !step.trims && step.raised == nil)
        }
    }

    @Test func looksMoreOftenNearTheLimit() {
        var script = Script()
        #expect(script.read(74).pause == MemoryPressure.slowPause)
        #expect(script.read(76).pause == MemoryPressure.quickPause)
        script.read(91)
        #expect(script.read(60, after: 10).pause == MemoryPressure.quickPause)
    }

    @Test func goesUpAtOnce() {
        var script = Script()
        let high = script.read(90, connections: 10)
        #expect(high.level == .high && high.changed)
        #expect(high.reliefs == [.closeResting, .endUnfinished(all: false)])
        let full = script.read(100, connections: 10, after: 10)
        #expect(full.level == .full && full.changed)
        #expect(full.reliefs == [.endUnfinished(all: true)])
        var other = Script()
        #expect(other.read(100, connections: 10).reliefs == [.closeResting, .endUnfinished(all: true)])
    }

    @Test func cutsOnlyWhenRefusingDoesNotHelp() {
        var script = Script()
        script.read(101, connections: 10)
        let steps = script.hold(101, connections: 10, milliseconds: 1990)
        #expect(steps.allSatisfy { $0.level == .full && !$0.reliefs.contains(.cutRequests) })
        let cut = script.read(101, connections: 10, after: 10)
        #expect(cut.level == .exceeded && cut.reliefs.contains(.cutRequests))
        #expect(script.hold(101, connections: 10, milliseconds: 3000).filter { $0.reliefs.contains(.cutRequests) }.count == 3)
    }

    @Test func isNotPatientFarAboveTheLimit() {
        var script = Script()
        script.read(115, connections: 10)
        #expect(script.hold(115, connections: 10, milliseconds: 490).allSatisfy { $0.level == .full })
        #expect(script.read(115, connections: 10, after: 10).level == .exceeded)
    }

    @Test func doesNotStayForeverJustBelowTheLimit() {
        var script = Script()
        script.read(100, connections: 10)
        #expect(script.hold(97, connections: 10, milliseconds: 9990).allSatisfy { $0.level == .full })
        #expect(script.read(97, connections: 10, after: 10).level == .exceeded)
    }

    @Test func goesDownLaterAndLower() {
        var script = Script()
        script.read(101, connections: 10)
        #expect(script.read(50, connections: 10, after: 990).level == .full)
        #expect(script.read(96, connections: 10, after: 10).level == .full)
        #expect(script.read(94, connections: 10, after: 10).level == .high)
        #expect(script.read(84, connections: 10, after: 990).level == .high)
        #expect(script.read(86, connections: 10, after: 10).level == .high)
        #expect(script.read(84, connections: 10, after: 10).level == .normal)
    }

    @Test func doesNotFlapWhereReadingsDo() {
        var script = Script()
        var changes = 0
        for number in 0..<1000 {
            if script.read(number.isMultiple(of: 2) ? 101 : 86, connections: 100, after: 10).changed { changes += 1 }
        }
        // Ten seconds: no level ends before a second is over.
        #expect(changes <= 21)
    }

    @Test func givesMemoryBackLessOftenWhereThatDoesNotHelp() {
        func trims(gained: Int64) -> Int {
            var script = Script()
            var count = 0
            script.read(92, connections: 10)
            for _ in 0..<900 {
                let step = script.read(92, connections: 10, after: 10)
                guard step.trims else { continue }
                count += 1
                script.pressure.trimmed(from: 92 << 20, to: (92 << 20) - gained)
            }
            return count
        }
        #expect(trims(gained: 5 << 20) == 9)
        #expect(trims(gained: 0) == 4)
    }

    @Test func takesMoreThanALimitThatIsTooLittleForTheProcessItself() {
        var pressure = MemoryPressure(limit: 100 << 20)
        let step = pressure.observe(90 << 20, connections: 0, now: 0)
        #expect(step.level == .normal && !step.changed)
        #expect(step.raised == 154 << 20)
        var large = MemoryPressure(limit: 1 << 30)
        #expect(large.observe(1 << 30, connections: 0, now: 0).raised.map { $0 > 1279 << 20 && $0 <= 1280 << 20 } == true)
        #expect(pressure.effective == step.raised)
        // And keeps that one.
        #expect(pressure.observe(145 << 20, connections: 10, now: 1).level == .high)
        pressure.setLimit(200 << 20)
        #expect(pressure.effective == 200 << 20)
    }

    @Test func doesNotKeepEverybodyOutForWhatTheProcessNeedsItself() {
        var script = Script()
        script.read(92)
        #expect(script.hold(92, milliseconds: 9990).allSatisfy { $0.level == .high && $0.raised == nil })
        let step = script.read(92, after: 10)
        #expect(step.raised != nil && step.level == .normal)
    }

    @Test func takesClientsForTheCauseWhileThereAreAny() {
        var script = Script()
        script.read(92, connections: 10)
        #expect(script.hold(92, connections: 10, milliseconds: 60_000).allSatisfy { $0.level == .high && $0.raised == nil })
    }

    @Test func whatIsLeftAfterCuttingIsTheProcessItself() {
        var script = Script()
        script.read(101, connections: 10)
        let steps = script.hold(101, connections: 10, milliseconds: 12_000)
        #expect(steps.last?.raised != nil)
        #expect(steps.dropLast().allSatisfy { $0.raised == nil })
        #expect(script.hold(101, connections: 10, milliseconds: 1000).last?.level == .normal)
    }

    @Test func withoutALimitAnythingIsNormal() {
        var pressure = MemoryPressure(limit: nil)
        #expect(pressure.observe(1 << 40, connections: 1, now: 0).level == .normal)
        var script = Script()
        script.read(101, connections: 10)
        script.pressure.setLimit(nil)
        let step = script.read(101, connections: 10)
        #expect(step.level == .normal && step.changed)
    }
}
