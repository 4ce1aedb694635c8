import Routing
import Testing

@testable import DataPlane

@Suite struct HealthCheckStateMachineTests {
    private func check(_ change: (inout HealthCheck) -> Void = { _ in }) -> HealthCheck {
        var check = HealthCheck(probe: .tcp(TCPProbe()), timeout: 1, interval: 100, healthyThreshold: 2, unhealthyThreshold: 3)
        check.noTrafficInterval = 600
        change(&check)
        return check
    }

    /// Answers (`+` passed, `-` failed, `x` refused), and the verdict after each (`h` or `u`).
    @Test(arguments: [
        ("+", "h"), ("-", "u"), ("x", "u"), ("+--+--+---", "hhhhhhhhhu"), ("+x", "hu"), ("-+-++", "uuuuh"), ("-x-", "uuu"), ("+---++--", "hhhuuhhh"),
    ])
    func countsAnswersInARow(answers: String, verdicts: String) {
        var machine = HealthCheckStateMachine(check())
        var before = HealthCheckStateMachine.Verdict.unknown
        for (answer, verdict) in zip(answers, verdicts) {
            let changed = machine.answered(answer == "+" ? .passed : answer == "-" ? .failed : .refused)
            #expect(machine.verdict == (verdict == "h" ? .healthy : .unhealthy), "\(answers)")
            #expect(changed == (machine.verdict != before))
            before = machine.verdict
        }
    }

    @Test func waitsAsLongAsTheVerdictSays() {
        var random = RandomSource(seed: 1)
        var delay: Int64
        var machine = HealthCheckStateMachine(
            check {
                $0.unhealthyInterval = 10
                $0.unhealthyEdgeInterval = 1
                $0.healthyEdgeInterval = 2
                $0.noTrafficHealthyInterval = 700
            })
        delay = machine.delay(hasTraffic: true, &random)
        #expect(delay == 100)
        _ = machine.answered(.failed)
        delay = machine.delay(hasTraffic: true, &random)
        #expect(delay == 1)
        _ = machine.answered(.failed)
        delay = machine.delay(hasTraffic: true, &random)
        #expect(delay == 10)
        delay = machine.delay(hasTraffic: false, &random)
        #expect(delay == 600)
        _ = machine.answered(.passed)
        _ = machine.answered(.passed)
        delay = machine.delay(hasTraffic: true, &random)
        #expect(delay == 2)
        delay = machine.delay(hasTraffic: false, &random)
        #expect(delay == 700)
        _ = machine.answered(.passed)
        delay = machine.delay(hasTraffic: true, &random)
        #expect(delay == 100)
    }

    @Test func addsJitterOnly() {
        var random = RandomSource(seed: 2)
        let machine = HealthCheckStateMachine(
            check {
                $0.intervalJitter = 50
                $0.intervalJitterPercent = 20
            })
        let delays = (0..<1000).map { _ in machine.delay(hasTraffic: true, &random) }
        #expect(delays.allSatisfy { (100..<170).contains($0) })
        #expect(Set(delays).count > 30)
    }

    @Test func theLongestIntervalsDoNotOverflow() {
        var random = RandomSource(seed: 3)
        let machine = HealthCheckStateMachine(
            check {
                $0.interval = .max
                $0.intervalJitter = .max
                $0.intervalJitterPercent = 1000
            })
        let delay = machine.delay(hasTraffic: true, &random)
        #expect(delay > 0)
    }

    @Test(arguments: [("xPINGyPONGz", true), ("PONGPING", false), ("PING", false), ("PIPINGPONG", true)])
    func findsBlocksInOrder(answer: String, expected: Bool) {
        let probe = TCPProbe(receive: [Array("PING".utf8), Array("PONG".utf8)])
        #expect(probe.isAnswered(by: Array(answer.utf8)) == expected)
    }
}
