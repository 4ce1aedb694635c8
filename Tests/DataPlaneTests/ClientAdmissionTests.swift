import NIOCore
import Testing

@testable import DataPlane

@Suite struct ClientAdmissionTests {
    private func key(_ address: String) throws -> ClientKey { try #require(ClientKey(SocketAddress(ipAddress: address, port: 1234))) }

    @Test func letsInAsManyAsTheLimitSays() {
        let admission = ClientAdmission()
        #expect([admission.enter(limit: 2), admission.enter(limit: 2), admission.enter(limit: 2)] == [true, true, false])
        admission.leave()
        #expect([admission.enter(limit: 2), admission.enter(limit: 2)] == [true, false])
    }

    @Test func countsEveryAddressForItself() throws {
        let (admission, one, other) = (ClientAdmission(), try key("192.0.2.1"), try key("192.0.2.2"))
        #expect(admission.enter(one, limit: 1))
        #expect(!admission.enter(one, limit: 1))
        #expect(admission.enter(other, limit: 1))
        admission.leave(one)
        #expect(admission.enter(one, limit: 1))
    }

    @Test(
        arguments: [
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("::1", "::2", true), ("0.0.0.1", "::1", false),
        ])
    func knowsWhatIsOneClient(_ one: String, _ other: String, _ isSame: Bool) throws {
        #expect(try (key(one) == key(other)) == isSame)
    }

    @Test func aSocketFileHasNoAddress() throws {
        #expect(ClientKey(try SocketAddress(unixDomainSocketPath: "/tmp/x")) == nil)
        #expect(ClientKey(nil) == nil)
    }

    @Test func tellsOfRefusalsOnceASecond() {
        let admission = ClientAdmission()
        let second: Int64 = 1_000_000_000
        #expect(admission.refused(.total, now: 5 * second) == 1)
        #expect(admission.refused(.address, now: 5 * second + 1) == nil)
        #expect(admission.refused(.total, now: 6 * second - 1) == nil)
        #expect(admission.refused(.total, now: 6 * second) == 3)
        #expect(admission.refused(.total, now: second) == 1)
        #expect(admission.count(.total) == 4)
        #expect(admission.count(.address) == 1)
    }

    @Test func anAddressThatHasTooManyIsClosedAtOnce() async throws {
        try await withProxy(TestProxy(routes: [.test()], settings: { $0.maxConnectionsPerAddress = 1 })) { proxy in
            let port = proxy.port
            let answers = try await blocking { () -> [Int] in
                let first = try Socket.connect(port: port)
                try first.send("GET /x HTTP/1.1\r\nHost: other.test\r\n\r\n")
                let status = try first.receiveMessage().status
                let second = try Socket.connect(port: port)
                let refused = (try? second.receive().count) ?? 0
                first.reset()
                // The first one is gone as soon as the event loop has seen it.
                for _ in 0..<1000 {
                    let third = try Socket.connect(port: port)
                    try? third.send("GET /x HTTP/1.1\r\nHost: other.test\r\n\r\n")
                    if let message = try? third.receiveMessage() { return [status, refused, message.status] }
                    pause(milliseconds: 5)
                }
                return [status, refused]
            }
            #expect(answers == [404, 0, 404])
            let refused = proxy.server.refusedConnections
            #expect(refused.total == 0 && refused.address >= 1)
        }
    }

    @Test func behindThePROXYProtocolTheClientCounts() async throws {
        let proxy = try await TestProxy(
            routes: [.test()],
            settings: {
                $0.maxConnectionsPerAddress = 1
                $0.requiresProxyProtocol = true
            })
        try await withProxy(proxy) { proxy in
            let port = proxy.port
            let answers = try await blocking { () -> [Int] in
                let request = "GET /x HTTP/1.1\r\nHost: other.test\r\n\r\n"
                let sockets = try ["192.0.2.1", "192.0.2.1", "192.0.2.2"].map { address in
                    let socket = try Socket.connect(port: port)
                    try socket.send("PROXY TCP4 \(address) 192.0.2.9 1000 443\r\n\(request)")
                    return (socket, (try? socket.receiveMessage().status) ?? 0)
                }
                return sockets.map(\.1)
            }
            #expect(answers == [404, 0, 404])
        }
    }
}
