import PolicyLanguage
import Routing
import Testing

@testable import Decisions

@Suite struct DecisionQueueTests {
    private static func decisions(_ count: Int, size: Int = 1000) throws -> [DecidedRequest] {
        let route = DecisionFixture.route([try DecisionFixture.policy("allow: {and: [{email: {is: ann@example.com}}]}")])
        let facts = DecisionFixture.facts(email: "bob@example.com")
        return (0..<count).map { DecisionFixture.decided(route, facts, number: UInt64($0), size: size) }
    }

    @Test func aLoopCountsWhatItHasNoRoomFor() async throws {
        let queue = DecisionQueue()
        let buffer = DecisionBuffer(queue: queue)
        for decision in try Self.decisions(DecisionBuffer.capacity + 10, size: 10) { buffer.add(decision) }
        buffer.handOver()
        #expect(queue.counters.dropped == 10)
        #expect(await queue.next()?.decisions.count == DecisionBuffer.capacity)
    }

    @Test func aLoopHoldsSoManyBytes() async throws {
        let queue = DecisionQueue()
        let buffer = DecisionBuffer(queue: queue)
        for decision in try Self.decisions(10, size: DecisionBuffer.byteCapacity / 4) { buffer.add(decision) }
        buffer.handOver()
        #expect(await queue.next()?.decisions.count == 4)
        #expect(queue.counters.dropped == 6)
    }

    @Test func theOldestMakeRoom() async throws {
        let queue = DecisionQueue()
        for round in 0..<(DecisionQueue.capacity / 512 + 2) {
            var batch = DecisionBatch()
            batch.decisions = try Self.decisions(512, size: 1)
            batch.size = 512
            for index in batch.decisions.indices { batch.decisions[index].requestID = RequestID(high: UInt64(round), low: UInt64(index)) }
            queue.submit(batch)
        }
        let kept = try #require(await queue.next()?.decisions)
        #expect(kept.count == DecisionQueue.capacity)
        #expect(kept.first?.requestID == RequestID(high: 2, low: 0))
        #expect(queue.counters.dropped == 1024)
    }

    @Test func bytesAreBoundedToo() async throws {
        let queue = DecisionQueue()
        var batch = DecisionBatch()
        batch.decisions = try Self.decisions(20, size: DecisionQueue.byteCapacity / 10)
        batch.size = batch.decisions.reduce(0) { $0 + $1.size }
        queue.submit(batch)
        #expect(await queue.next()?.decisions.count == 10)
        #expect(queue.counters.dropped == 10)
        // What was taken makes room again.
        batch.decisions.removeLast(15)
        batch.size = batch.decisions.reduce(0) { $0 + $1.size }
        queue.submit(batch)
        #expect(await queue.next()?.decisions.count == 5)
    }

    @Test func endsWhenEverythingIsTaken() async throws {
        let queue = DecisionQueue()
        var batch = DecisionBatch()
        batch.decisions = try Self.decisions(3)
        queue.submit(batch)
        queue.finish()
        #expect(await queue.next()?.decisions.count == 3)
        #expect(await queue.next() == nil)
    }

    @Test func aWaitingWriterIsWoken() async throws {
        let queue = DecisionQueue()
        var batch = DecisionBatch()
        batch.decisions = try Self.decisions(2)
        async let taken = queue.next()
        queue.submit(batch)
        #expect(await taken?.decisions.count == 2)
        async let end = queue.next()
        queue.finish()
        #expect(await end == nil)
    }

    @Test func aLoopThatEndsLosesNothing() async throws {
        let queue = DecisionQueue()
        var buffer: DecisionBuffer? = DecisionBuffer(queue: queue)
        for decision in try Self.decisions(3) { buffer?.add(decision) }
        buffer = nil
        queue.finish()
        #expect(await queue.next()?.decisions.count == 3)
    }
}
