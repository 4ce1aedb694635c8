import Foundation
import HTTPWire
import Observability
import Testing

@testable import DataPlane

/// Raises every detail of the table over real connections, in every form of answer.
@Suite struct ResponseCodeTests {
    private static let forms = [
        "html": "Accept: text/html\r\n", "json": "Accept: application/json\r\n", "grpc": "Content-Type: application/grpc\r\n",
    ]

    @Test func everyDetailHasATest() {
        let raised = Set(ResponseCodeCase.all.map(\.detail))
        let expected = Set(ResponseCodeDetail.allCases.filter { $0.entry.source == .dataPlane })
        #expect(expected.subtracting(raised).map(\.rawValue) == [])
        for known in ResponseCodeCase.all {
            let entry = known.detail.entry
            switch known.outcome {
            case .reply(let status, _), .plain(let status): #expect(entry.statuses.contains(status), "\(known.detail.rawValue)")
            case .answer, .cut: break
            }
            #expect(known.flags.isEmpty ? entry.flags.isEmpty : entry.flags.map(\.rawValue).contains(known.flags), "\(known.detail.rawValue)")
        }
    }

    @Test(arguments: WireError.allCases.filter { ![.unsolicitedResponse, .tooManyInformationalResponses, .truncated].contains($0) })
    func theTableHasEveryFaultOfAMessage(error: WireError) throws {
        let detail = try #require(ResponseCodeDetail(detail: error.detail))
        #expect(detail.entry.statuses.contains(error.status))
    }

    @Test(arguments: ResponseCodeCase.all.indices)
    func isRaised(index: Int) async throws {
        let known = ResponseCodeCase.all[index]
        let detail = known.reason.map { known.detail.with(reason: $0) } ?? known.detail.rawValue
        let forms = if case .reply = known.outcome { Self.forms } else { ["any": ""] }
        for (form, headers) in forms.sorted(by: { $0.key < $1.key }) {
            let upstream = try known.upstream?.start()
            try await withProxy(known.proxy(upstream?.port ?? 9)) { proxy in
                let reply = try await send(known, headers, to: proxy)
                let line = try #require(try await proxy.log().first, "\(detail) is not logged")
                #expect(line["response-code-details"] == detail)
                #expect(line["response-flags"] ?? "" == known.flags, "\(detail)")
                switch known.outcome {
                case .reply(let status, let grpc):
                    try check(reply, form: form, status: status, grpc: grpc, detail: detail)
                    #expect(line["response-code"] == String(form == "grpc" ? 200 : status))
                    #expect(line["request-id"] == reply["x-request-id"])
                case .plain(let status):
                    #expect(reply.status == status)
                    #expect(reply.text.contains("detail: \(detail)\n"))
                    #expect(line["response-code"] == String(status))
                case .answer(let status):
                    #expect(reply.status == status)
                    #expect(line["response-code"] == String(status))
                case .cut(let status): #expect(line["response-code"] == String(status))
                }
            }
            withExtendedLifetime(upstream) {}
        }
    }

    private func send(_ known: ResponseCodeCase, _ headers: String, to proxy: TestProxy) async throws -> Message {
        let text = known.request.replacing("{headers}", with: headers)
        let port = proxy.port
        if known.isFull { proxy.server.memoryLevel = .full }
        guard known.leaves || known.drains else {
            if case .cut = known.outcome {
                return try await blocking {
                    let socket = try Socket.connect(port: port)
                    try socket.send(text)
                    _ = try? socket.receiveAll()
                    return Message(head: "")
                }
            }
            return try await proxy.request(text)
        }
        let socket = try await blocking {
            let socket = try Socket.connect(port: port)
            try socket.send(text)
            pause(milliseconds: 50)
            return socket
        }
        if known.drains { await proxy.server.shutdown(drain: .zero) } else { socket.disconnect() }
        return Message(head: "")
    }

    private func check(_ reply: Message, form: String, status: Int, grpc: Int, detail: String) throws {
        #expect(reply["x-pomerium-intercepted-response"] == "true")
        switch form {
        case "grpc":
            #expect(reply.status == 200)
            #expect(reply["grpc-status"] == String(grpc), "\(detail)")
        case "json":
            #expect(reply.status == status)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any])
            #expect(object["status"] as? String == String(status))
            #expect(object["statusText"] as? String == detail)
            #expect(object["requestId"] as? String == reply["x-request-id"])
        default:
            #expect(reply.status == status)
            #expect(reply["content-type"] == "text/html; charset=utf-8")
            #expect(reply.text.contains("<code>\(detail)</code>"), "\(detail)")
            #expect(reply.text.contains(reply["x-request-id"] ?? "-"))
        }
    }
}
