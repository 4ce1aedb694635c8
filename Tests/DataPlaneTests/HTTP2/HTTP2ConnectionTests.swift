import NIOConcurrencyHelpers
import Routing
import Testing

@testable import DataPlane

/// Connections of clients over HTTP/2, without TLS and by prior knowledge, as they are seen frame by frame.
@Suite struct HTTP2ConnectionTests {
    private func connected<Result: Sendable>(
        _ proxy: TestProxy, settings: [(UInt8, UInt32)] = [], receiveBuffer: Int32? = nil, _ body: @escaping @Sendable (HTTP2Client) throws -> Result
    ) async throws -> Result {
        let port = proxy.port
        return try await blocking { try body(HTTP2Client(port: port, settings: settings, receiveBuffer: receiveBuffer)) }
    }

    private static func large(_ size: Int, sent: Gauge = Gauge()) throws -> Upstream {
        try Upstream { socket in
            _ = try socket.receiveMessage()
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            var left = size - socket.sendUntilBlocked([UInt8](repeating: 0x61, count: 16 * 1024), limit: size)
            sent.set(size - left)
            while left > 0 {
                try socket.send([UInt8](repeating: 0x61, count: min(left, 64 * 1024)))
                left -= min(left, 64 * 1024)
            }
        }
    }

    @Test func streamsAreUsedAgain() async throws {
        let upstream = try Upstream.echo()
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let isSound = try await connected(proxy) { client in
                try (0..<60).allSatisfy { round in
                    let numbers = (0...UInt32(round % 4)).map { UInt32(round) * 10 + 2 * $0 + 1 }
                    for number in numbers {
                        try client.request(number, "/\(number)", method: "POST", fields: [("x-number", "\(number)")], ends: number % 3 == 0)
                        if number % 3 != 0 { try client.data(number, Array("body-\(number)".utf8), ends: true) }
                    }
                    return try numbers.reversed().allSatisfy { number in
                        let (status, body) = try client.response(number)
                        let text = String(decoding: body, as: UTF8.self)
                        return status == 200 && text.hasPrefix("POST /\(number) ") && text.contains("x-number: \(number)\r\n")
                            && text.hasSuffix("body-\(number)") == (number % 3 != 0)
                    }
                }
            }
            #expect(isSound)
            #expect(try await proxy.log(150).count == 150)
        }
    }

    @Test func anAnswerWithoutContentEndsWithItsHead() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n")
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let frame = try await connected(proxy) { client in
                try client.request(1)
                return try client.next { $0.stream == 1 }
            }
            #expect(frame.status == 204 && frame.endsStream)
            #expect(!frame.fields.contains { $0.name == "connection" || $0.name == "transfer-encoding" })
        }
    }

    @Test func contentEndsWithItsLastFrame() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let frames = try await connected(proxy) { client in
                try client.request(1)
                _ = try client.response(1)
                return client.frames.filter { $0.stream == 1 }
            }
            #expect(frames.map(\.type) == [1, 0])
            #expect(frames.last?.endsStream == true && frames.last?.payload == Array("abc".utf8))
        }
    }

    @Test func trailersGoBothWays() async throws {
        let seen = NIOLockedValueBox("")
        let upstream = try Upstream { socket in
            let text = try socket.receive(until: "\r\n0\r\n") + socket.receive(until: "\r\n\r\n")
            seen.withLockedValue { $0 = text }
            try socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n")
            _ = try socket.receive()
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let last = try await connected(proxy) { client in
                try client.request(1, method: "POST", ends: false)
                try client.data(1, Array("hello".utf8))
                try client.send(1, 5, 1, [0, 3] + Array("x-u".utf8) + [1, 0x32])
                _ = try client.response(1)
                return client.frames.last { $0.stream == 1 }
            }
            #expect(last?.type == 1 && last?.endsStream == true)
            #expect(last?.fields.map { "\($0.name): \($0.value)" } == ["x-t: 1"])
            #expect(seen.withLockedValue { $0.contains("x-u: 2") })
        }
    }

    @Test func windowsAreKeptAndStreamsTakeTurns() async throws {
        let size = 3 << 20
        let upstream = try Self.large(size)
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let (bodies, order) = try await connected(proxy, settings: [(4, 1 << 30)]) { client in
                for stream: UInt32 in [1, 3, 5] { try client.request(stream) }
                // The window of the connection is what they share: all that is allowed comes, and no more.
                var count = 0
                while count < 65_535 { count += try client.next { $0.type == 0 }.payload.count }
                guard count == 65_535 else { throw SocketError("\(count) bytes came") }
                pause(milliseconds: 200)
                let before = client.frames.count
                try client.open(0, by: 600_000)
                count = 0
                while count < 600_000 { count += try client.next { $0.type == 0 }.payload.count }
                let order = client.frames[before...].filter { $0.type == 0 }.map(\.stream)
                try client.open(0, by: 1 << 30)
                return (try [1, 3, 5].map { try client.response($0, opensWindows: false).body.count }, order)
            }
            #expect(bodies == [size, size, size])
            // All three come forward.
            #expect(Set(order.prefix(9)).count == 3)
            let counts = [1, 3, 5].map { stream in order.filter { $0 == stream }.count }
            #expect(counts.allSatisfy { $0 >= 8 }, "\(counts)")
        }
    }

    @Test func aClientWithoutWindowStopsTheUpstream() async throws {
        let sent = Gauge()
        let size = 40 << 20
        let upstream = try Self.large(size, sent: sent)
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let received = try await connected(proxy) { client in
                try client.request(1)
                while sent.value == 0 { pause(milliseconds: 10) }
                return try client.response(1).body.count
            }
            #expect(received == size)
            #expect(sent.value < 24 << 20)
        }
    }

    @Test func aClientThatDoesNotReadStopsTheUpstream() async throws {
        let sent = Gauge()
        let size = 40 << 20
        let upstream = try Self.large(size, sent: sent)
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let received = try await connected(proxy, settings: [(4, 0x7FFF_FFFF)], receiveBuffer: 16 * 1024) { client in
                try client.open(0, by: 0x7FFF_0000)
                try client.request(1)
                while sent.value == 0 { pause(milliseconds: 10) }
                return try client.response(1, opensWindows: false).body.count
            }
            #expect(received == size)
            #expect(sent.value < 24 << 20)
        }
    }

    @Test func aSlowUpstreamHoldsTheWindowOfItsStreamOnly() async throws {
        let go = Gauge()
        let upstream = try Upstream { socket in
            let head = try socket.receive(until: "\r\n\r\n")
            if head.hasPrefix("POST /slow") {
                while go.value == 0 { pause(milliseconds: 10) }
            }
            var count = 0
            while count < 8 << 20, head.hasPrefix("POST") { count += try socket.receive().count }
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let port = upstream.port
        try await withProxy(TestProxy(routes: [.test(to: [port])])) { proxy in
            let (stalled, statuses) = try await connected(proxy) { client in
                let piece = [UInt8](repeating: 0x61, count: 16 * 1024)
                let total = 8 << 20
                try client.request(1, "/slow", method: "POST", fields: [("content-length", "\(total)")], ends: false)
                // Sends as far as the window of the stream goes, which is given back while the upstream still takes it.
                var (sent, window) = (0, 256 * 1024)
                func follow() throws {
                    let updates = try client.next { $0.type == 8 && $0.stream == 1 }
                    window += Int(updates.number)
                }
                while true {
                    while window >= piece.count, sent < total {
                        try client.data(1, piece)
                        (sent, window) = (sent + piece.count, window - piece.count)
                    }
                    try client.send(6, 0, 0, Array(repeating: UInt8(sent >> 16 & 0xFF), count: 8))
                    let mark = client.frames.count
                    try client.next { $0.type == 6 }
                    let gained = client.frames[mark...].filter { $0.type == 8 && $0.stream == 1 }.reduce(0) { $0 + Int($1.number) }
                    window += gained
                    if gained == 0 {
                        pause(milliseconds: 200)
                        break
                    }
                }
                let stalled = sent
                try client.request(3, "/other")
                let other = try client.response(3).status
                go.set(1)
                while sent < total {
                    if window < piece.count { try follow() }
                    try client.data(1, piece, ends: sent + piece.count == total)
                    (sent, window) = (sent + piece.count, window - piece.count)
                }
                return (stalled, [other, try client.response(1).status])
            }
            #expect(statuses == [200, 200])
            #expect(stalled < 8 << 20)
        }
    }

    @Test func anEarlyAnswerStopsTheRequestWithoutAnError() async throws {
        try await withProxy(TestProxy(routes: [])) { proxy in
            let (status, code, next) = try await connected(proxy) { client in
                try client.request(1, method: "POST", fields: [("content-length", "1000000")], ends: false)
                try client.data(1, [1, 2, 3])
                let status = try client.response(1).status
                try client.next { $0.type == 3 }
                // What was on its way does no harm.
                try client.data(1, [4, 5, 6])
                try client.request(3)
                return (status, client.resetCode(1), try client.response(3).status)
            }
            #expect((status, code, next) == (404, 0, 404))
        }
    }

    @Test func aMalformedRequestIsAnsweredAndIsAnErrorOfItsStream() async throws {
        try await withProxy(TestProxy(routes: [])) { proxy in
            let (status, code, next) = try await connected(proxy) { client in
                try client.request(1, fields: [("connection", "close")])
                let status = try client.response(1).status
                try client.next { $0.type == 3 }
                try client.request(3)
                return (status, client.resetCode(1), try client.response(3).status)
            }
            #expect((status, code, next) == (400, 1, 404))
        }
    }

    @Test func aBrokenUpstreamResetsItsStreamOnly() async throws {
        let upstream = try Upstream { socket in
            let isBroken = try socket.receive(until: "\r\n\r\n").hasPrefix("GET /broken")
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(isBroken ? 10 : 2)\r\n\r\nok")
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let (code, body) = try await connected(proxy) { client in
                try client.request(1, "/broken")
                _ = try client.response(1)
                try client.request(3, "/fine")
                return (client.resetCode(1), try client.response(3).body)
            }
            #expect(code == 2)
            #expect(body == Array("ok".utf8))
        }
    }

    @Test func theClientsResetEndsTheRequest() async throws {
        let closed = Gauge()
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            _ = try socket.receiveAll()
            closed.set(1)
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            try await connected(proxy) { client in
                try client.request(1)
                pause(milliseconds: 100)
                try client.send(3, 0, 1, HTTP2Client.number(8))
                for _ in 0..<200 where closed.value == 0 { pause(milliseconds: 10) }
            }
            #expect(closed.value == 1)
            #expect(try await proxy.detail() == "downstream_remote_disconnect")
        }
    }

    @Test func aConnectionWithoutRequestsIsEndedWithGoodbye() async throws {
        try await withProxy(TestProxy(routes: [], settings: { $0.connectionIdleTimeout = 300_000_000 })) { proxy in
            let (last, isEnded) = try await connected(proxy) { client in
                try client.request(1)
                _ = try client.response(1)
                return (try client.next { $0.type == 7 }, try client.isEnded())
            }
            #expect(last.number == 1 && last.code == 0)
            #expect(isEnded)
        }
    }

    @Test(arguments: [true, false]) func whatIsBegunMustBeCompleted(isBlock: Bool) async throws {
        try await withProxy(TestProxy(routes: [], settings: { $0.requestReadTimeout = 300_000_000 })) { proxy in
            let code = try await connected(proxy) { client in
                // A block without its end, or half a frame.
                if isBlock { try client.send(1, 1, 1, [0x82]) } else { try client.socket.send([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2]) }
                return try client.next { $0.type == 7 }.code
            }
            #expect(code == 11)
        }
    }

    @Test func aRequestThatIsNotCompletedIsAnswered() async throws {
        let upstream = try Upstream { socket in _ = try socket.receiveAll() }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])], settings: { $0.requestReadTimeout = 300_000_000 })) { proxy in
            let (status, code) = try await connected(proxy) { client in
                try client.request(1, method: "POST", ends: false)
                let status = try client.response(1).status
                try client.next { $0.type == 3 }
                return (status, client.resetCode(1))
            }
            #expect((status, code) == (408, 0))
        }
    }

    @Test func anErrorOfTheConnectionIsTold() async throws {
        try await withProxy(TestProxy(routes: [])) { proxy in
            let (last, isEnded) = try await connected(proxy) { client in
                try client.request(5)
                _ = try client.response(5)
                try client.send(6, 0, 1, Array(1...8))
                return (try client.next { $0.type == 7 }, try client.isEnded())
            }
            #expect(last.number == 5 && last.code == 1)
            #expect(isEnded)
        }
    }

    @Test func answersThatNobodyReadsArePutAnEndTo() async throws {
        try await withProxy(TestProxy(routes: [])) { proxy in
            let isOver = try await connected(proxy, receiveBuffer: 4096) { client in
                let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
                let many = Array(repeatElement(settings, count: 1000).joined())
                for _ in 0..<3000 {
                    do { try client.socket.send(many) } catch { return true }
                }
                return false
            }
            #expect(isOver)
        }
    }

    @Test func theEndIsToldTwice() async throws {
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            pause(milliseconds: 1500)
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let proxy = try await TestProxy(routes: [.test(to: [upstream.port])])
        let server = proxy.server
        async let seen = connected(proxy) { client in
            try client.request(1)
            let warning = try client.next { $0.type == 7 }
            // Opened before it could know.
            try client.request(3, "/late", host: "unknown.test")
            let late = try client.response(3).status
            let final = try client.next { $0.type == 7 }
            return ([warning.number, final.number], [late, try client.response(1).status], try client.isEnded())
        }
        try await Task.sleep(for: .milliseconds(300))
        server.beginDrain()
        await server.finishDrain(within: .seconds(5))
        let (ids, statuses, isEnded) = try await seen
        #expect(ids == [0x7FFF_FFFF, 3])
        #expect(statuses == [404, 200])
        #expect(isEnded)
        try await proxy.stop()
    }
}
