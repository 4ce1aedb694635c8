import Testing

@testable import HTTPWire

@Suite struct HTTP2ServerCoreTests {
    typealias Raw = RawFrame

    private static func answer(_ driver: inout CoreDriver, _ slot: Int) -> Bool {
        _ = driver.core.writeHead(200, Array("Server: x\r\n".utf8), [], contentLength: nil, endsStream: true, in: slot)
        return driver.core.localEnded(slot)
    }

    @Test func aRequestIsAnsweredAndItsSlotUsedAgain() throws {
        var driver = CoreDriver()
        for stream: UInt32 in [1, 3, 5] {
            driver.clear()
            driver.feed(Raw.headers(stream, Raw.get))
            #expect(driver.events == [.request(slot: 0)])
            #expect(Self.answer(&driver, 0))
            driver.collect()
            #expect(driver.frames.count == 1 && driver.frames[0].type == 1 && driver.frames[0].flags == 5 && driver.frames[0].stream == stream)
        }
        #expect(driver.core.streamCount == 0)
    }

    @Test func contentAndTrailers() {
        var driver = CoreDriver()
        driver.feed(Raw.headers(1, Raw.post, ends: false) + Raw.frame(0, 8, 1, [2, 7, 8, 0, 0]) + Raw.data(1, [9]))
        driver.feed(Raw.headers(1, Raw.field("grpc-status", "0")))
        #expect(driver.bodies[0] == [7, 8, 9])
        #expect(driver.events.last == .trailers(slot: 0))
        guard case .success(let trailers) = driver.core.takeTrailers() else {
            Issue.record("no trailers")
            return
        }
        #expect(trailers.value(named: "grpc-status" as StaticString)?.string == "0")
    }

    @Test func trailersAreJudged() {
        var driver = CoreDriver()
        driver.feed(Raw.headers(1, Raw.post, ends: false) + Raw.headers(1, Raw.field(":path", "/")))
        #expect(throws: WireError.forbiddenTrailer) { try driver.core.takeTrailers().get() }
    }

    @Test func headsInPieces() {
        var driver = CoreDriver()
        let block = Raw.get + Raw.field("x", String(repeating: "y", count: 40_000))
        var bytes = Raw.frame(1, 1, 1, Array(block.prefix(16_384)))
        bytes += Raw.frame(9, 0, 1, Array(block.dropFirst(16_384).prefix(16_384))) + Raw.frame(9, 4, 1, Array(block.dropFirst(32_768)))
        driver.feed(bytes)
        #expect(driver.events == [.request(slot: 0)] && driver.refusals.isEmpty)
        #expect(!driver.core.isInsideBlock)
    }

    @Test func streamsBeyondTheLimitAreRefused() {
        var driver = CoreDriver(limits: .init(maxStreams: 2))
        for stream: UInt32 in [1, 3, 5] { driver.feed(Raw.headers(stream, Raw.get + [0x40, 1, 0x61, 1, UInt8(stream)])) }
        #expect(driver.reset(5) == .refusedStream)
        #expect(driver.core.streamCount == 2)
        // The table is right all the same, and what the client sent before it knew is ignored.
        driver.feed(Raw.data(5, [1, 2, 3]) + Raw.headers(5, [0xBE]))
        #expect(driver.goAway == nil)
        driver.feed(Raw.reset(1) + Raw.headers(7, Raw.get + [0xBF]))
        #expect(driver.events.last == .request(slot: 0))
    }

    @Test func longHeadsAreSentInPieces() throws {
        var driver = CoreDriver()
        driver.feed(Raw.headers(1, Raw.get))
        let lines = Array("X-Long: \(String(repeating: "y", count: 40_000))\r\n".utf8)
        #expect(driver.core.writeHead(200, lines, [], contentLength: nil, endsStream: true, in: 0) == 0)
        driver.collect()
        #expect(driver.frames.map(\.type) == [1, 9, 9] && driver.frames.map(\.flags) == [1, 0, 4])
        var decoder = HPACKDecoder()
        // Without `:status`, which trailers cannot have.
        let block = Array(driver.frames.flatMap(\.payload).dropFirst())
        var collector = FieldCollector(limits: HTTPLimits(maxTrailerBytes: 1 << 20))
        collector.begin(.trailers)
        #expect(block.withUnsafeBytes { decoder.decode($0, into: &collector) })
        #expect(collector.trailers.value(named: "x-long" as StaticString)?.count == 40_000)
    }

    // MARK: Windows

    @Test func nothingIsSentBeyondTheWindows() {
        var driver = CoreDriver()
        driver.feed(Raw.setting(4, 10) + Raw.headers(1, Raw.get))
        #expect(driver.core.sendable(in: 0) == 10)
        driver.core.sent(10, in: 0)
        #expect(driver.core.sendable(in: 0) == 0)
        driver.feed(Raw.setting(4, 4))
        driver.feed(Raw.window(1, 8))
        #expect(driver.core.sendable(in: 0) == 2)
        driver.feed(Raw.setting(4, 100_000))
        #expect(driver.core.sendable(in: 0) == 16_384)
        #expect(driver.events.filter { $0 == .windowOpened }.count == 2)
        for _ in 0..<3 { driver.core.sent(16_384, in: 0) }
        #expect(driver.core.sendable(in: 0) == 65_535 - 10 - 3 * 16_384)
    }

    @Test func windowsAreGivenBackAsContentIsTaken() {
        var driver = CoreDriver()
        driver.takesBodies = false
        driver.feed(Raw.headers(1, Raw.post, ends: false))
        let piece = [UInt8](repeating: 1, count: 16_384)
        for _ in 0..<16 { driver.feed(Raw.data(1, piece)) }
        #expect(driver.frames.filter { $0.type == 8 }.isEmpty)
        driver.core.consumed(100_000, in: 0)
        driver.collect()
        #expect(driver.frames.filter { $0.type == 8 }.isEmpty)
        driver.core.consumed(50_000, in: 0)
        driver.collect()
        #expect(driver.frames.filter { $0.type == 8 } == [.init(type: 8, flags: 0, stream: 1, payload: Raw.number(150_000))])
        for _ in 0..<9 { driver.feed(Raw.data(1, piece)) }
        #expect(driver.reset(1) == nil)
        driver.feed(Raw.data(1, piece))
        #expect(driver.reset(1) == .flowControlError)
    }

    @Test func contentForClosedStreamsGoesBackToTheConnection() {
        var driver = CoreDriver()
        driver.feed(Raw.headers(1, Raw.post, ends: false))
        driver.core.reset(0, .noError)
        driver.clear()
        let piece = [UInt8](repeating: 1, count: 16_384)
        for _ in 0..<200 { driver.feed(Raw.data(1, piece)) }
        #expect(driver.goAway == nil)
        #expect(driver.frames.filter { $0.type == 8 && $0.stream == 0 }.count == 6)
    }

    @Test func aConnectionHoldsSoMuchAndNoMore() {
        var driver = CoreDriver()
        driver.takesBodies = false
        let piece = [UInt8](repeating: 1, count: 16_384)
        var taken = 0
        for index: UInt32 in 0..<100 {
            driver.feed(Raw.headers(1 + 2 * index, Raw.post, ends: false))
            for _ in 0..<16 where driver.goAway == nil {
                driver.feed(Raw.data(1 + 2 * index, piece))
                if driver.goAway == nil { taken += piece.count }
            }
        }
        #expect(driver.goAway == .flowControlError)
        #expect(taken <= HTTP2ServerCore.heldLimit + 2 * HTTP2ServerCore.connectionWindow)
    }

    @Test func aStreamThatIsResetInTheMiddleOfAFrameSpoilsNoOther() {
        var driver = CoreDriver()
        driver.feed(Raw.headers(1, Raw.post, ends: false))
        let frame = Raw.data(1, Array(repeating: 7, count: 100), ends: true)
        driver.feed(Array(frame.prefix(50)))
        driver.core.reset(0, .cancel)
        driver.feed(Array(frame.dropFirst(50)) + Raw.headers(3, Raw.post, ends: false) + Raw.data(3, [1], ends: true))
        #expect(driver.events.suffix(2) == [.request(slot: 0), .data(slot: 0, 9..<10, endsStream: true)] || driver.bodies[0]?.last == 1)
        #expect(driver.bodies[0]?.count == 41 + 1)
    }

    // MARK: The end

    @Test func afterTheWarningStreamsAreTakenAndAfterTheEndIgnored() {
        var driver = CoreDriver()
        driver.feed(Raw.headers(1, Raw.get))
        driver.core.goAway(isWarning: true)
        driver.collect()
        #expect(driver.frames.last?.payload == [0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        driver.feed(Raw.headers(3, Raw.get))
        #expect(driver.events == [.request(slot: 0), .request(slot: 1)])
        driver.core.goAway(isWarning: false)
        driver.collect()
        #expect(driver.frames.last?.payload == [0, 0, 0, 3, 0, 0, 0, 0])
        driver.feed(Raw.headers(5, Raw.post + [0x40, 1, 0x61, 1, 0x62], ends: false) + Raw.data(5, [1]) + Raw.window(5, 1) + Raw.reset(5))
        #expect(driver.events.count == 2 && driver.goAway == .noError)
    }

    @Test func pingsAndSettingsAreAnswered() {
        var driver = CoreDriver()
        driver.feed(Raw.ping + Raw.setting(3, 1))
        #expect(driver.frames == [.init(type: 6, flags: 1, stream: 0, payload: Array(1...8)), .init(type: 4, flags: 1, stream: 0, payload: [])])
        #expect(driver.core.answersSent == 3)
    }

    // MARK: Floods

    private static func flood(_ make: (UInt32) -> [UInt8], count: UInt32 = 20_000, before: [UInt8] = []) -> (HTTP2ErrorCode?, UInt32) {
        var driver = CoreDriver()
        driver.feed(before)
        for index in 0..<count {
            driver.feed(make(index))
            if let code = driver.goAway { return (code, index) }
        }
        return (nil, count)
    }

    @Test func floodsEndTheConnection() {
        let head = { Raw.headers(2 * $0 + 1, Raw.get) }
        let rapid = Self.flood { head($0) + Raw.reset(2 * $0 + 1) }
        #expect(rapid == (.enhanceYourCalm, 200))
        let provoked = Self.flood { Raw.headers(2 * $0 + 1, Raw.post, ends: false) + Raw.window(2 * $0 + 1, 0) }
        #expect(provoked == (.enhanceYourCalm, 200))
        let refused = Self.flood(head)
        #expect(refused.0 == .enhanceYourCalm && refused.1 == 300)
        let open = Raw.headers(1, Raw.post, ends: false)
        #expect(Self.flood({ _ in Raw.data(1, []) }, before: open) == (.enhanceYourCalm, 8))
        for frame in [Raw.ping, Raw.setting(3, 5), Raw.window(0, 1), Raw.frame(2, 0, 99, [0, 0, 0, 1, 0]), Raw.frame(0xAA, 0, 0, [])] {
            let (code, count) = Self.flood { _ in frame }
            #expect(code == .enhanceYourCalm && count < 10_001)
        }
        let unfinished = Raw.frame(1, 1, 1, Raw.get)
        #expect(Self.flood({ _ in Raw.frame(9, 0, 1, []) }, before: unfinished) == (.enhanceYourCalm, 64))
        let long = Raw.frame(9, 0, 1, Array(repeating: 0, count: 16_384))
        #expect(Self.flood({ _ in long }, before: unfinished) == (.enhanceYourCalm, 7))
    }

    @Test func timeForgives() {
        var driver = CoreDriver()
        for index: UInt32 in 0..<1000 {
            driver.now += 200_000_000
            driver.feed(Raw.headers(2 * index + 1, Raw.get) + Raw.reset(2 * index + 1) + Raw.ping)
        }
        #expect(driver.goAway == nil)
    }

    @Test func manyWindowUpdatesAreFineWhereMuchIsSent() {
        var driver = CoreDriver()
        driver.feed(Raw.headers(1, Raw.get))
        for _ in 0..<50_000 {
            driver.core.sent(1000, in: 0)
            driver.feed(Raw.window(0, 1000) + Raw.window(1, 1000))
        }
        #expect(driver.goAway == nil)
    }

    // MARK: Splits

    @Test func theSameBytesGiveTheSameEvents() {
        var generator = SplitMix64(seed: 11)
        let pieces: [(UInt32) -> [UInt8]] = [
            { Raw.headers($0, Raw.get) }, { Raw.headers($0, Raw.post, ends: false) }, { Raw.data($0, [1, 2, 3]) }, { Raw.data($0, [4], ends: true) },
            { Raw.frame(0, 9, $0, [3, 1, 2, 0, 0, 0]) }, { Raw.reset($0) }, { _ in Raw.ping }, { Raw.window($0, 10) }, { _ in Raw.window(0, 10) },
            { _ in Raw.setting(4, 100) }, { Raw.headers($0, Raw.field("a", "b")) }, { Raw.frame(1, 1, $0, [0x82]) + Raw.frame(9, 4, $0, Raw.get) },
            { _ in Raw.frame(0xAA, 0, 0, [1, 2]) },
        ]
        for _ in 0..<500 {
            var bytes = [UInt8.random(in: 0...255, using: &generator)]
            for _ in 0..<12 {
                bytes += pieces[Int.random(in: 0..<pieces.count, using: &generator)](2 * UInt32.random(in: 0...4, using: &generator) + 1)
            }
            if Bool.random(using: &generator) {
                let place = Int.random(in: 1..<bytes.count, using: &generator)
                bytes[place] = UInt8.random(in: 0...255, using: &generator)
            }
            #expect(http2Violation(bytes) == nil, "\(bytes)")
        }
    }
}
