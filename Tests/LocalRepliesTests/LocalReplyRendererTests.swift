import Foundation
import Pages
import Routing
import Testing

@testable import LocalReplies

@Suite struct LocalReplyRendererTests {
    private let reply = LocalReply(
        status: 403, title: "Forbidden", message: "not <you>", reasonCode: "email-unauthorized", detail: "ext_authz_denied",
        loginURL: "https://auth.example/x", headers: [("x-extra", "1")], retryAfter: 5)

    private func header(_ name: String, _ response: LocalResponse) -> String? {
        response.headers.first { $0.name == name }?.value
    }

    private func body(_ form: ReplyForm) -> (LocalResponse, String) {
        let response = LocalReplyRenderer().render(reply, as: form, requestID: "req-1")
        return (response, String(decoding: response.body, as: UTF8.self))
    }

    @Test func carriesRequestIDAndReasonInJSON() throws {
        let (response, text) = body(.json)
        #expect(response.status == 403)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["request_id"] as? String == "req-1")
        #expect(object["requestId"] as? String == "req-1")
        #expect(object["reason"] as? String == "email-unauthorized")
        #expect(object["login_url"] as? String == "https://auth.example/x")
        #expect(object["status"] as? String == "403")
    }

    @Test func escapesMarkupOnThePage() {
        let (response, text) = body(.html)
        #expect(text.contains("not &lt;you&gt;"))
        #expect(text.contains("req-1"))
        #expect(header("content-security-policy", response)?.contains("default-src 'none'") == true)
    }

    @Test func answersGRPCWithTrailersOnly() {
        let (response, text) = body(.grpc)
        #expect(response.status == 200)
        #expect(text.isEmpty)
        #expect(header("grpc-status", response) == "7")
        #expect(header("content-type", response) == "application/grpc")
    }

    @Test func answersKubernetesClientsWithAStatus() throws {
        let (_, text) = body(.kubernetes)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["kind"] as? String == "Status")
        #expect(object["reason"] as? String == "Forbidden")
        #expect(object["code"] as? Int == 403)
    }

    @Test func keepsHeadersInEveryForm() {
        for form in [ReplyForm.html, .json, .plain, .grpc, .kubernetes] {
            let (response, _) = body(form)
            #expect(header("x-extra", response) == "1")
            #expect(header("retry-after", response) == "5")
            #expect(header("cache-control", response) == "no-store")
        }
    }

    @Test(arguments: [ReplyForm.html, .json, .plain, .grpc, .grpcWeb(contentType: "application/grpc-web+json"), .kubernetes])
    func everyFormNamesReasonAndRequest(_ form: ReplyForm) {
        let (response, text) = body(form)
        let all = text + (header("grpc-message", response) ?? "")
        #expect(all.contains("email-unauthorized") && all.contains("req-1"))
    }

    @Test(arguments: [ReplyForm.html, .json, .plain])
    func showsWhatThePolicySaysAboutItself(_ form: ReplyForm) {
        var reply = reply
        reply.explanations = [
            .init(explanation: "only for engineering", remediation: "ask in #access", effect: .neither),
            .init(explanation: "open on weekdays", remediation: "not shown", effect: .allow),
        ]
        let text = String(decoding: LocalReplyRenderer().render(reply, as: form, requestID: "req-1").body, as: UTF8.self)
        #expect(text.contains("only for engineering") && text.contains("ask in #access") && text.contains("open on weekdays"))
        #expect(!text.contains("not shown"))
    }

    @Test func encodesGRPCMessages() {
        #expect(GRPCStatus.encodeMessage("a%b\u{e9}\n") == "a%25b%C3%A9%0A")
    }
}
