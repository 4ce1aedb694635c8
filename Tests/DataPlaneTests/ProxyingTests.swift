import Foundation
import HTTPWire
import Routing
import Testing

@testable import DataPlane

@Suite struct ProxyingTests {
    @Test func relaysAnAnswer() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nX-App: yes\r\nServer: app\r\n\r\nhello")
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let reply = try await proxy.get("/a?b=c")
            #expect(reply.startLine == "HTTP/1.1 200 Fine")
            #expect(reply.text == "hello")
            #expect(reply["x-app"] == "yes")
            #expect(reply.all("server") == ["app"])
            #expect(reply["x-request-id"]?.count == 36)
            let line = try #require(try await proxy.log().first)
            #expect(line["response-code-details"] == "via_upstream")
            #expect(line["path"] == "/a")
            #expect(line["request-id"] == reply["x-request-id"])
            #expect(line["email"] == "alice@example.com")
            #expect(line["size"] == "5")
            #expect(line["upstream-host"] == "127.0.0.1:\(upstream.port)")
        }
    }

    @Test func keepsConnectionsOnBothSides() async throws {
        let accepted = Counter()
        let upstream = try Upstream { socket in
            accepted.increment()
            while true {
                let request = try socket.receiveMessage()
                try socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.startLine.count)\r\n\r\n\(request.startLine)")
            }
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let replies = try await blocking { () -> [String] in
                let socket = try Socket.connect(port: port)
                return try (0..<5).map { index in
                    try socket.send("GET /\(index) HTTP/1.1\r\nHost: app.test\r\n\r\n")
                    return try socket.receiveMessage().text
                }
            }
            #expect(replies == (0..<5).map { "GET /\($0) HTTP/1.1" })
            #expect(accepted.value == 1)
            #expect(try await proxy.log(5).count == 5)
        }
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        let upstream = try Upstream.echo()
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let replies = try await blocking { () -> [String] in
                let socket = try Socket.connect(port: port)
                try socket.send(
                    (0..<20).map { "POST /\($0) HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\n\r\nabc" }.joined())
                return try (0..<20).map { _ in String(try socket.receiveMessage().text.prefix { $0 != "\r\n" }) }
            }
            #expect(replies == (0..<20).map { "POST /\($0) HTTP/1.1" })
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello world", "HTTP/1.0 200 OK\r\n\r\nhello world",
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\nhello world",
    ])
    func understandsEveryFraming(response: String) async throws {
        let upstream = try Upstream.closing(response)
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let texts = try await blocking { () -> [String] in
                let socket = try Socket.connect(port: port)
                return try (0..<3).map { _ in
                    try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                    return try socket.receiveMessage().text
                }
            }
            #expect(texts == ["hello world", "hello world", "hello world"])
        }
    }

    @Test func passesContentOn() async throws {
        let upstream = try Upstream.echo()
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let fixed = try await proxy.request("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nbody")
            #expect(fixed.text.hasSuffix("\r\n\r\nbody"))
            #expect(fixed.text.contains("Content-Length: 4\r\n"))
            let chunked = try await proxy.request(
                "POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\nX-Sum: 1\r\n\r\n")
            #expect(chunked.text.hasSuffix("\r\n\r\nbody"))
            #expect(chunked.text.contains("Transfer-Encoding: chunked\r\n"))
        }
    }

    @Test func answersHeadWithoutContent() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let lengths = try await blocking { () -> [String?] in
                let socket = try Socket.connect(port: port)
                return try (0..<2).map { _ in
                    try socket.send("HEAD / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                    return try socket.receiveMessage(hasBody: false)["content-length"]
                }
            }
            #expect(lengths == ["1234", "1234"])
        }
    }

    @Test(arguments: ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: \"a\"\r\n\r\n"])
    func relaysAnswersWithoutContent(response: String) async throws {
        let upstream = try Upstream.fixed(response)
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let heads = try await blocking { () -> [String] in
                let socket = try Socket.connect(port: port)
                return try (0..<2).map { _ in
                    try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                    return try socket.receiveMessage(hasBody: false).startLine
                }
            }
            #expect(heads.allSatisfy { response.hasPrefix($0) })
        }
    }

    @Test func sendsContinueOnlyWhenTheBodyIsWanted() async throws {
        let upstream = try Upstream.echo()
        let deny: @Sendable (AuthorizationRequest, (any LoadedSession)?) -> AuthorizationStep = { request, _ in
            request.path == "/no"
                ? .decided(.respond(LocalResponse(status: 403, body: Array("denied".utf8), detail: "ext_authz_denied")))
                : .decided(.permit(.test(request.route)))
        }
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])], authorizer: deny)) { proxy in
            let port = proxy.port
            let (first, second, denied) = try await blocking { () -> (String, String, Message) in
                let socket = try Socket.connect(port: port)
                try socket.send("POST /yes HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
                let first = try socket.receive(until: "\r\n\r\n")
                try socket.send("body")
                let second = try socket.receiveMessage().text
                try socket.send("POST /no HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
                return (first, second, try socket.receiveMessage())
            }
            #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(second.hasSuffix("\r\n\r\nbody"))
            #expect(!second.lowercased().contains("expect:"))
            #expect(denied.status == 403)
            #expect(denied["connection"] == "close")
        }
    }

    @Test func forwardsEarlyHints() async throws {
        let upstream = try Upstream.fixed("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        try await withProxy(TestProxy(routes: [.test(to: [upstream.port])])) { proxy in
            let port = proxy.port
            let (hints, head) = try await blocking { () -> (String, String) in
                let socket = try Socket.connect(port: port)
                try socket.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                return (try socket.receive(until: "\r\n\r\n"), try socket.receive(until: "\r\n\r\n"))
            }
            #expect(hints == "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }
}

final class Counter: @unchecked Sendable {
    // Invariant for @unchecked Sendable: the value is only touched with the lock held.
    private let lock = NSLock()
    private var count = 0
    func increment() { lock.withLock { count += 1 } }
    var value: Int { lock.withLock { count } }
}
