import Observability
import Testing

@Suite struct PrometheusTextTests {
    @Test func writesMetricsWithLabels() {
        var metrics = PrometheusText()
        metrics.metric("a_total", .counter, "Things.")
        metrics.sample("a_total", 3)
        metrics.sample("a_total", 0.5, ["kind": "say \"x\"\\\n"])
        #expect(
            metrics.text == """
                # HELP a_total Things.
                # TYPE a_total counter
                a_total 3
                a_total{kind="say \\"x\\"\\\\\\n"} 0.5

                """)
    }

    @Test func countsRequestsByStatusAndDuration() {
        var loop = TrafficCounters()
        for status in [200, 204, 503, 0, 999] {
            loop.begin()
            loop.end(status: status, nanoseconds: 2_000_000)
        }
        loop.begin()
        var sum = TrafficCounters()
        sum.add(loop)
        sum.add(loop)
        #expect(sum.finished == [4, 0, 4, 0, 0, 2])
        #expect(sum.active == 2)
        #expect(sum.durations[1] == 10)
        #expect(sum.durationSum == 20_000_000)
    }
}
