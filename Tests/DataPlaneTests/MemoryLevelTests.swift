import HTTPEndpoints
import HTTPTypes
import Routing
import Testing

@testable import DataPlane

@Suite struct MemoryLevelTests {
    private static let request = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n"

    private func redirecting(_ change: @escaping @Sendable (inout DataPlaneSettings) -> Void = { _ in }) async throws -> TestProxy {
        try await TestProxy(routes: [.test(destination: .response(.init(status: 200, body: "a")))], endpoints: [Probe()], settings: change)
    }

    @Test func answers503AtTheLimitAndProbesAllTheSame() async throws {
        try await withProxy(redirecting()) { proxy in
            let (server, port) = (proxy.server, proxy.port)
            let answers = try await blocking { () -> [Int] in
                let socket = try Socket.connect(port: port)
                try socket.send(Self.request)
                let before = try socket.receiveMessage().status
                server.memoryLevel = .full
                try socket.send("GET /ping HTTP/1.1\r\nHost: app.test\r\n\r\n")
                let probe = try socket.receiveMessage()
                let next = try Socket.connect(port: port)
                try next.send(Self.request)
                let refused = try next.receiveMessage()
                server.memoryLevel = .normal
                let last = try Socket.connect(port: port)
                try last.send(Self.request)
                let end = try next.receiveAll()
                return [
                    before, probe.status, refused.status, refused["retry-after"] == "5" ? 1 : 0, end.utf8.count, try last.receiveMessage().status,
                ]
            }
            #expect(answers == [200, 200, 503, 1, 0, 200])
            #expect(server.memoryRefusals.requests == 1)
        }
    }

    @Test func connectionsEndNearTheLimit() async throws {
        try await withProxy(redirecting()) { proxy in
            let (server, port) = (proxy.server, proxy.port)
            let heads = try await blocking { () -> [String?] in
                let resting = try Socket.connect(port: port)
                try resting.send(Self.request)
                let first = try resting.receiveMessage()
                server.memoryLevel = .high
                server.relieveMemory(.closeResting)
                // Closed after a second, without another word.
                let end = try resting.receiveAll()
                let next = try Socket.connect(port: port)
                try next.send(Self.request)
                let second = try next.receiveMessage()
                return [first["connection"], end.isEmpty ? nil : "more", second["connection"]]
            }
            #expect(heads == [nil, nil, "close"])
        }
    }

    @Test func fewNewConnectionsAreLetInNearTheLimit() async throws {
        try await withProxy(redirecting()) { proxy in
            let (server, port) = (proxy.server, proxy.port)
            let counts = try await blocking { () -> (answered: Int, again: Int) in
                server.memoryLevel = .high
                var held: [Socket] = []
                for _ in 0..<MemoryGate.reserve + 10 { held.append(try Socket.connect(port: port)) }
                var answered = 0
                for socket in held {
                    try? socket.send(Self.request)
                    if let message = try? socket.receiveMessage(), message.status == 200 { answered += 1 }
                }
                held = []
                // Their places are free as soon as the event loop has seen that they are gone.
                for _ in 0..<1000 {
                    let socket = try Socket.connect(port: port)
                    try? socket.send(Self.request)
                    if (try? socket.receiveMessage().status) == 200 { return (answered, 1) }
                    pause(milliseconds: 5)
                }
                return (answered, 0)
            }
            #expect(counts.answered == MemoryGate.reserve)
            #expect(counts.again == 1)
            #expect(server.refusedConnections.memory >= 10)
        }
    }

    @Test func anUnfinishedHeadEndsAtOnceAtTheLimitAndTheSecondTimeNearIt() async throws {
        try await withProxy(redirecting()) { proxy in
            let (server, port) = (proxy.server, proxy.port)
            let texts = try await blocking { () -> [String] in
                let slow = try Socket.connect(port: port)
                try slow.send("GET / HTTP/1.1\r\nHost: a")
                pause(milliseconds: 50)
                server.memoryLevel = .high
                server.relieveMemory(.endUnfinished(all: false))
                try slow.send("pp.test\r\nX: ")
                pause(milliseconds: 50)
                server.relieveMemory(.endUnfinished(all: false))
                let near = try slow.receiveMessage()
                let other = try Socket.connect(port: port)
                try other.send("GET / HTTP/1.1\r\nHost: a")
                pause(milliseconds: 50)
                server.memoryLevel = .full
                try other.send("pp")
                let at = try other.receiveMessage()
                server.memoryLevel = .high
                let third = try Socket.connect(port: port)
                try third.send("GET / HTTP/1.1\r\nHost: a")
                pause(milliseconds: 50)
                server.relieveMemory(.endUnfinished(all: true))
                return [near, at, try third.receiveMessage()].map { "\($0.status) \($0.text.contains("detail: overload\n"))" }
            }
            #expect(texts == ["503 true", "503 true", "503 true"])
        }
    }

    @Test func whoIsJustArrivingIsLeftAloneNearTheLimit() async throws {
        try await withProxy(redirecting()) { proxy in
            let (server, port) = (proxy.server, proxy.port)
            let status = try await blocking { () -> [Int] in
                server.memoryLevel = .high
                let socket = try Socket.connect(port: port)
                var statuses: [Int] = []
                try socket.send("GET / HTTP/1.1\r\n")
                pause(milliseconds: 50)
                server.relieveMemory(.endUnfinished(all: false))
                try socket.send("Host: app.test\r\n\r\n")
                statuses.append(try socket.receiveMessage().status)
                return statuses
            }
            #expect(status == [200])
        }
    }

    @Test func whatWaitsForASlowClientIsCutFirst() async throws {
        let upstream = try Upstream { socket in
            let request = try socket.receiveMessage()
            if request.head.contains("/slow") {
                try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
                _ = socket.sendUntilBlocked([UInt8](repeating: 97, count: 65536), limit: 50_000_000)
            } else {
                try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            }
            _ = try socket.receiveAll()
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let (server, port) = (proxy.server, proxy.port)
            let (results, sockets) = try await blocking { () -> ([Bool], [Socket]) in
                let slow = try Socket.connect(port: port, receiveBuffer: 4096)
                try slow.send("GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n")
                _ = try slow.receive(count: 20)
                // Newer, so that age would choose them.
                let well = try (0..<3).map { _ in try Socket.connect(port: port) }
                for socket in well {
                    try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                    _ = try socket.receive(until: "\r\n\r\nabc")
                }
                pause(milliseconds: 300)
                server.relieveMemory(.cutRequests)
                let rest = try slow.receiveAll().utf8.count
                server.relieveMemory(.cutRequests)
                let newest = (try? well[2].receiveAll().isEmpty) ?? true
                return ([rest < 49_000_000, newest], well)
            }
            #expect(results == [true, true])
            let lines = try await proxy.log(2)
            #expect(lines.map { $0["path"] } == ["/slow", "/"])
            #expect(lines.allSatisfy { $0["response-code-details"] == "downstream_local_disconnect(overload)" && $0["response-code"] == "200" })
            withExtendedLifetime(sockets) {}
        }
    }

    private struct Probe: ControlEndpoint {
        let pattern = EndpointPattern(.exact("/ping"))
        let methods: [HTTPRequest.Method] = [.get]
        func respond(to request: ControlRequest) async throws -> ControlResponse { .text("OK\n") }
    }
}
