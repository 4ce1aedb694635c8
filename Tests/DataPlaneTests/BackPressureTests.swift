import Foundation
import Routing
import Testing

@testable import DataPlane

@Suite struct BackPressureTests {
    private static let piece = [UInt8](repeating: 0x61, count: 64 * 1024)
    /// More than all kernel buffers and our own together.
    private static let total = 64 << 20

    @Test func aSlowClientStopsTheUpstream() async throws {
        let sent = Gauge()
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.total)\r\n\r\n")
            sent.set(socket.sendUntilBlocked(Self.piece, limit: Self.total))
            var left = Self.total - sent.value
            while left > 0 {
                try socket.send(Array(Self.piece.prefix(left)))
                left -= min(left, Self.piece.count)
            }
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let received = try await blocking { () -> Int in
                let socket = try Socket.connect(port: port, receiveBuffer: 16 * 1024)
                try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                _ = try socket.receive(until: "\r\n\r\n")
                while sent.value == 0 { pause(milliseconds: 10) }
                var count = 0
                while count < Self.total {
                    let bytes = try socket.receive()
                    if bytes.isEmpty { break }
                    count += bytes.count
                }
                return count
            }
            #expect(received == Self.total)
            #expect(sent.value < 24 << 20)
        }
    }

    @Test func aSlowUpstreamStopsTheClient() async throws {
        let go = Gauge()
        let upstream = try Upstream { socket in
            _ = try socket.receive(until: "\r\n\r\n")
            while go.value == 0 { pause(milliseconds: 10) }
            var count = 0
            while count < Self.total { count += try socket.receive().count }
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let (sent, reply) = try await blocking { () -> (Int, Message) in
                let socket = try Socket.connect(port: port)
                try socket.send("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: \(Self.total)\r\n\r\n")
                let sent = socket.sendUntilBlocked(Self.piece, limit: Self.total)
                go.set(1)
                var left = Self.total - sent
                while left > 0 {
                    try socket.send(Array(Self.piece.prefix(left)))
                    left -= min(left, Self.piece.count)
                }
                return (sent, try socket.receiveMessage())
            }
            #expect(sent < 24 << 20)
            #expect(reply.text == "ok")
        }
    }

    @Test func theUpstreamIsLeftWhenTheClientLeaves() async throws {
        let closed = Gauge()
        let upstream = try Upstream { socket in
            _ = try socket.receiveMessage()
            _ = try socket.receiveAll()
            closed.set(1)
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            try await blocking {
                let socket = try Socket.connect(port: port)
                try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                pause(milliseconds: 50)
                socket.reset()
            }
            let line = try #require(try await proxy.log().first)
            #expect(line["response-code-details"] == "downstream_remote_disconnect")
            #expect(line["response-code"] == "0")
            #expect(line["response-flags"] == "DC")
            try await blocking { while closed.value == 0 { pause(milliseconds: 10) } }
        }
    }

    @Test func refusesMoreConnectionsThanAllowed() async throws {
        try await withProxy(TestProxy(routes: [.test()], settings: { $0.maxConnections = 2 })) { proxy in
            let port = proxy.port
            let texts = try await blocking { () -> [Int] in
                let first = try Socket.connect(port: port)
                try first.send("GET /x HTTP/1.1\r\nHost: other.test\r\n\r\n")
                let a = try first.receiveMessage().status
                let second = try Socket.connect(port: port)
                try second.send("GET /x HTTP/1.1\r\nHost: other.test\r\n\r\n")
                let b = try second.receiveMessage().status
                let third = try Socket.connect(port: port)
                return [a, b, (try? third.receive().count) ?? 0]
            }
            #expect(texts == [404, 404, 0])
        }
    }
}

final class Gauge: @unchecked Sendable {
    // Invariant for @unchecked Sendable: the value is only touched with the lock held.
    private let lock = NSLock()
    private var stored = 0
    func set(_ value: Int) { lock.withLock { stored = value } }
    var value: Int { lock.withLock { stored } }
}
