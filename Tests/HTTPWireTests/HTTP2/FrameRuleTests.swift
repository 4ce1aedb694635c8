import Testing

@testable import HTTPWire

/// What RFC 9113 sections 3 to 6 call an error of the connection or of a stream.
@Suite struct FrameRuleTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var bytes: [UInt8]
        var code: HTTP2ErrorCode

        init(_ name: String, _ bytes: [UInt8], _ code: HTTP2ErrorCode = .protocolError) {
            (testDescription, self.bytes, self.code) = (name, bytes, code)
        }
    }

    typealias Raw = RawFrame

    /// Its name fills the table.
    static let longField = [0x40] + literal(Array(repeating: 0x61, count: 3900)) + literal([0x62])
    static let unfinished = Raw.frame(1, 1, 1, [0x82])
    static let open = Raw.headers(1, Raw.post, ends: false)

    static let connectionErrors = [
        // Sections 4.1 and 4.2.
        Case("longer than was allowed", Raw.frame(0, 0, 1, [], length: 16_385), .frameSizeError),
        Case("PING longer than was allowed", Raw.frame(6, 0, 0, [], length: 1 << 23), .frameSizeError),
        // Section 4.3.
        Case("a block that cannot be decoded", Raw.headers(1, [0x80]), .compressionError),
        Case("an index that is in no table", Raw.headers(1, [0xC0]), .compressionError),
        Case("a long field over and over", Raw.headers(1, Raw.get + longField + Array(repeating: 0xBE, count: 8000)), .enhanceYourCalm),
        Case(
            "a long name over and over", Raw.headers(1, Raw.get + longField + [[UInt8]](repeating: [0x0F, 0x2F, 0], count: 2000).joined()),
            .enhanceYourCalm),
        Case("another frame in a block", unfinished + Raw.ping),
        Case("an unknown frame in a block", unfinished + Raw.frame(0xAA, 0, 0, [])),
        Case("another stream in a block", unfinished + Raw.frame(9, 4, 3, [])),
        Case("another head in a block", unfinished + Raw.headers(3, Raw.get)),
        // Section 5.1: idle.
        Case("DATA on an idle stream", Raw.data(1, [1])),
        Case("RST_STREAM on an idle stream", Raw.reset(1)),
        Case("WINDOW_UPDATE on an idle stream", Raw.window(1, 1)),
        Case("CONTINUATION without a head", Raw.frame(9, 4, 1, [])),
        // Section 5.1: closed.
        Case("a head on a closed stream", Raw.headers(1, Raw.get) + Raw.reset(1) + Raw.headers(1, Raw.get), .streamClosed),
        // Section 5.1.1.
        Case("an even stream", Raw.headers(2, Raw.get)),
        Case("a lower stream", Raw.headers(5, Raw.get) + Raw.headers(3, Raw.get)),
        // Section 5.3.1.
        Case("a stream that depends on itself", Raw.frame(1, 0x25, 1, [0, 0, 0, 1, 0] + Raw.get)),
        Case("an idle stream made to depend on itself", Raw.frame(2, 0, 3, [0, 0, 0, 3, 0])),
        // Section 6.1.
        Case("DATA on stream 0", Raw.data(0, [1])),
        Case("padding as long as DATA", open + Raw.frame(0, 8, 1, [1])),
        Case("padding longer than DATA", open + Raw.frame(0, 8, 1, [9, 1, 2])),
        Case("padded DATA without its length", open + Raw.frame(0, 8, 1, []), .frameSizeError),
        // Section 6.2.
        Case("a head on stream 0", Raw.headers(0, Raw.get)),
        Case("padding longer than a head", Raw.frame(1, 0x0D, 1, [20] + Raw.get)),
        Case("a priority that is cut off", Raw.frame(1, 0x25, 1, [0, 0]), .frameSizeError),
        // Section 6.3.
        Case("PRIORITY on stream 0", Raw.frame(2, 0, 0, [0, 0, 0, 1, 0])),
        // Section 6.4.
        Case("RST_STREAM on stream 0", Raw.reset(0)),
        Case("RST_STREAM of 3 bytes", open + Raw.frame(3, 0, 1, [0, 0, 0]), .frameSizeError),
        // Section 6.5.
        Case("SETTINGS on a stream", Raw.frame(4, 0, 1, [])),
        Case("an acknowledgement with settings", Raw.frame(4, 1, 0, [0, 3, 0, 0, 0, 1]), .frameSizeError),
        Case("SETTINGS of 5 bytes", Raw.frame(4, 0, 0, [0, 3, 0, 0, 0]), .frameSizeError),
        Case("push that is neither on nor off", Raw.setting(2, 2)),
        Case("a window beyond its limit", Raw.setting(4, 1 << 31), .flowControlError),
        Case("frames too small", Raw.setting(5, 16_383)),
        Case("frames too large", Raw.setting(5, 1 << 24)),
        Case("connect protocol that is neither on nor off", Raw.setting(8, 2)),
        // Section 6.6.
        Case("PUSH_PROMISE of a client", open + Raw.frame(5, 4, 1, [0, 0, 0, 2, 0x82])),
        // Section 6.7.
        Case("PING on a stream", Raw.frame(6, 0, 1, Array(1...8))),
        Case("PING of 7 bytes", Raw.frame(6, 0, 0, Array(1...7)), .frameSizeError),
        // Section 6.8.
        Case("GOAWAY on a stream", Raw.frame(7, 0, 1, Array(repeating: 0, count: 8))),
        Case("GOAWAY of 7 bytes", Raw.frame(7, 0, 0, Array(repeating: 0, count: 7)), .frameSizeError),
        // Section 6.9.
        Case("the connection's window opened by nothing", Raw.window(0, 0)),
        Case("the connection's window beyond its limit", Raw.window(0, 0x7FFF_FFFF), .flowControlError),
        Case("WINDOW_UPDATE of 3 bytes", Raw.frame(8, 0, 0, [0, 0, 1]), .frameSizeError),
        Case("a setting that moves a window beyond its limit", open + Raw.window(1, 0x7FFF_0000) + Raw.setting(4, 0x7FFF_FFFF), .flowControlError),
        // Section 6.10.
        Case("CONTINUATION behind the end", Raw.headers(1, Raw.get) + Raw.frame(9, 4, 1, [])),
        // RFC 7541 sections 4.2 and 6.3.
        Case("a table size in the middle", Raw.headers(1, Raw.get + [0x20]), .compressionError),
        Case("a table beyond its limit", Raw.headers(1, [0x3F, 0xE2, 0x1F] + Raw.get), .compressionError),
    ]

    @Test(arguments: connectionErrors) func anErrorOfTheConnectionEndsIt(_ given: Case) {
        var driver = CoreDriver()
        driver.feed(given.bytes)
        #expect(driver.events.last == .failed(given.code))
        #expect(driver.goAway == given.code)
        driver.clear()
        driver.feed(Raw.headers(7, Raw.get))
        #expect(driver.events == [.failed(given.code)])
        #expect(driver.frames.isEmpty)
    }

    static let streamErrors = [
        Case("DATA behind the end", Raw.headers(1, Raw.get) + Raw.data(1, [1]), .streamClosed),
        Case("a head behind the end", Raw.headers(1, Raw.get) + Raw.headers(1, Raw.get), .streamClosed),
        Case("a second head that does not end", open + Raw.headers(1, Raw.field("a", "b"), ends: false)),
        Case("a window opened by nothing", open + Raw.window(1, 0)),
        Case("a window beyond its limit", open + Raw.window(1, 0x7FFF_FFFF), .flowControlError),
        Case("PRIORITY of 4 bytes", open + Raw.frame(2, 0, 1, [0, 0, 0, 0]), .frameSizeError),
        Case("made to depend on itself", open + Raw.frame(2, 0, 1, [0, 0, 0, 1, 0])),
        Case("more content than was said", Raw.headers(1, Raw.post + Raw.field("content-length", "1"), ends: false) + Raw.data(1, [1, 2])),
        Case(
            "less content than was said", Raw.headers(1, Raw.post + Raw.field("content-length", "3"), ends: false) + Raw.data(1, [1, 2], ends: true)),
        Case(
            "less content than was said before trailers",
            Raw.headers(1, Raw.post + Raw.field("content-length", "3"), ends: false) + Raw.data(1, [1]) + Raw.headers(1, Raw.field("a", "b"))),
    ]

    @Test(arguments: streamErrors) func anErrorOfAStreamEndsTheStream(_ given: Case) {
        var driver = CoreDriver()
        driver.feed(given.bytes)
        #expect(driver.events.last == .closed(slot: 0))
        #expect(driver.reset(1) == given.code)
        #expect(driver.goAway == nil)
        // Others go on.
        driver.feed(Raw.headers(3, Raw.get))
        #expect(driver.events.last == .request(slot: 0))
    }

    @Test(arguments: [
        "no method", "no scheme", "no path", "two paths", "unknown pseudo", "response pseudo", "pseudo behind a field", "upper case", "connection",
        "te",
        "length at the end",
    ])
    func aMalformedRequestIsRefused(name: String) {
        let block: [UInt8] =
            switch name {
            case "no method": Array(Raw.get.dropFirst())
            case "no scheme": [0x82, 0x84] + Raw.get.dropFirst(3)
            case "no path": [0x82, 0x87] + Raw.get.dropFirst(3)
            case "two paths": [0x84] + Raw.get
            case "unknown pseudo": Raw.get + Raw.field(":x", "1")
            case "response pseudo": Raw.get + [0x88]
            case "pseudo behind a field": Raw.field("a", "b") + Raw.get
            case "upper case": Raw.get + Raw.field("A", "b")
            case "connection": Raw.get + Raw.field("connection", "close")
            case "te": Raw.get + Raw.field("te", "gzip")
            default: Raw.get + Raw.field("content-length", "5")
            }
        var driver = CoreDriver()
        driver.feed(Raw.headers(1, block))
        #expect(driver.refusals.count == 1)
    }

    @Test func whatIsToBeIgnoredIsIgnored() {
        var driver = CoreDriver()
        driver.feed(Raw.frame(0xAB, 0xFF, 0, [1, 2, 3]) + Raw.frame(0xAB, 0, 7, Array(repeating: 0, count: 16_000)) + Raw.setting(0x77, 1))
        driver.feed(Raw.frame(2, 0, 9, [0, 0, 0, 1, 0]) + Raw.frame(6, 1, 0, Array(1...8)) + Raw.frame(4, 1, 0, []))
        #expect(driver.events.isEmpty)
        #expect(driver.frames == [.init(type: 4, flags: 1, stream: 0, payload: [])])
        driver.feed(Raw.headers(1, Raw.get) + Raw.reset(1) + Raw.window(1, 5) + Raw.reset(1) + Raw.frame(2, 0, 1, [0, 0, 0, 7, 0]))
        #expect(driver.events == [.request(slot: 0), .closed(slot: 0)])
    }

    static let wrongPrefaces: [[UInt8]] = [
        Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), Array(repeating: 0, count: 24), HTTP2ServerCore.preface.dropLast() + [0x00],
        HTTP2ServerCore.preface + Raw.ping, HTTP2ServerCore.preface + Raw.frame(4, 1, 0, []),
    ]

    @Test(arguments: wrongPrefaces) func aWrongPrefaceEndsTheConnection(bytes: [UInt8]) {
        var driver = CoreDriver(greets: false)
        driver.feed(bytes)
        #expect(driver.events.last == .failed(.protocolError))
    }

    @Test func ourSettingsComeFirst() {
        var driver = CoreDriver(limits: .init(maxStreams: 7), greets: false)
        driver.collect()
        #expect(driver.frames.map(\.type) == [4, 8])
        let settings = driver.frames[0].payload
        #expect(settings == [0, 3, 0, 0, 0, 7, 0, 4, 0, 4, 0, 0, 0, 6, 0, 2, 0, 0, 0, 8, 0, 0, 0, 1])
        #expect(driver.frames[1].payload == Raw.number(1024 * 1024 - 65_535))
    }
}
