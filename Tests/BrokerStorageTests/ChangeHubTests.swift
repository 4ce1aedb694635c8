import Records
import Testing

@testable import BrokerStorage

@Suite struct ChangeHubTests {
    private func change(_ version: UInt64, bytes: Int = 0) -> RecordChange {
        .changed(Record(type: "t", id: "\(version)", version: version, data: Array(repeating: 0, count: bytes)))
    }

    @Test func forgetsAConsumerThatLetGo() {
        let hub = ChangeHub()
        do {
            let stream = hub.subscribe()
            #expect(hub.hasSubscribers)
            _ = stream
        }
        #expect(!hub.hasSubscribers)
    }

    @Test func wakesAConsumerThatWaits() async {
        let hub = ChangeHub()
        let stream = hub.subscribe()
        async let first = stream.first { _ in true }
        hub.publish([change(1)])
        #expect(await first == change(1))
    }

    @Test func endsForAConsumerThatIsCancelled() async {
        let hub = ChangeHub()
        let stream = hub.subscribe()
        let consumer = Task { for await _ in stream {} }
        consumer.cancel()
        await consumer.value
    }

    @Test func endsAtOnceAfterTheHub() async {
        let hub = ChangeHub()
        hub.finish()
        for await _ in hub.subscribe() { Issue.record("nothing is published") }
    }

    @Test func boundsTheBytesThatWait() async {
        let hub = ChangeHub()
        var stream = hub.subscribe().makeAsyncIterator()
        for version in 1...3 { hub.publish([change(UInt64(version), bytes: 12 << 20)]) }
        #expect(await stream.next() == .overflow)
        hub.publish([change(4)])
        #expect(await stream.next() == change(4))
    }

    @Test func deliversManyInOrder() async {
        let hub = ChangeHub()
        var stream = hub.subscribe().makeAsyncIterator()
        hub.publish((1...3000).map { change($0) })
        for version in UInt64(1)...3000 { #expect(await stream.next() == change(version)) }
        hub.publish((3001...6000).map { change($0) })
        for version in UInt64(3001)...6000 { #expect(await stream.next() == change(version)) }
    }
}
