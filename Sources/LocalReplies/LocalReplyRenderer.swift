public import HTTPWire
import Observability
public import Pages
public import Routing

/// Gives a ``LocalReply`` the form that the client asked for: HTML, JSON, plain text, gRPC, gRPC-Web or a Kubernetes status.
public struct LocalReplyRenderer: Sendable {
    public let branding: Branding

    public init(branding: Branding = .default) {
        self.branding = branding
    }

    /// `head` is nil where none could be read; the answer is then plain text.
    public func render(_ reply: LocalReply, for head: RequestHead?, requestID: RequestID) -> LocalResponse {
        render(reply, as: head.map { ReplyForm.choose(for: $0) } ?? .plain, requestID: requestID.description)
    }

    public func render(_ reply: LocalReply, as form: ReplyForm, requestID: String) -> LocalResponse {
        var response = LocalResponse(status: reply.status, detail: reply.detail)
        response.headers = reply.headers + [("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
        if let seconds = reply.retryAfter { response.headers.append(("retry-after", String(seconds))) }
        switch form {
        case .html:
            response.headers.append(("content-type", "text/html; charset=utf-8"))
            response.headers.append(("content-security-policy", branding.contentSecurityPolicy(formAction: ["'self'"])))
            response.body = Array(page(reply, requestID).render(branding: branding).utf8)
        case .json:
            response.headers.append(("content-type", "application/json"))
            response.body = json(reply, requestID)
        case .plain:
            response.headers.append(("content-type", "text/plain; charset=utf-8"))
            response.body = Array(text(reply, requestID).utf8)
        case .grpc:
            response.status = 200
            response.headers.append(("content-type", "application/grpc"))
            response.headers += grpcHeaders(reply, requestID)
        case .grpcWeb(let contentType):
            response.status = 200
            response.headers.append(("content-type", contentType))
            response.headers += grpcHeaders(reply, requestID)
        case .kubernetes:
            response.headers.append(("content-type", "application/json"))
            response.body = kubernetesStatus(reply, requestID)
        }
        return response
    }

    private func page(_ reply: LocalReply, _ requestID: String) -> ErrorPage {
        ErrorPage(
            status: reply.status, title: reply.title, message: reply.message, reasonCode: reply.reasonCode, detail: reply.detail,
            requestID: requestID, explanations: reply.explanations, signedInAs: reply.signedInAs,
            signInAgainURL: reply.signInAgainURL ?? reply.loginURL,
            signOutURL: reply.signOutURL, upstream: reply.upstream)
    }

    /// One shape everywhere, with the key names of both of the predecessor's: `error`, `request_id`; `requestId`, `status`, `statusText`.
    private func json(_ reply: LocalReply, _ requestID: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.string(reply.title)
        writer.key("message")
        writer.string(reply.message)
        writer.key("reason")
        writer.string(reply.reasonCode)
        writer.key("request_id")
        writer.string(requestID)
        writer.key("requestId")
        writer.string(requestID)
        writer.key("status")
        writer.string(String(reply.status))
        writer.key("statusText")
        writer.string(reply.detail)
        if let url = reply.loginURL {
            writer.key("login_url")
            writer.string(url)
        }
        if let upstream = reply.upstream {
            writer.key("upstream_failure")
            writer.string(upstream.cause.rawValue)
            if let hint = upstream.hint {
                writer.key("hint")
                writer.string(hint)
            }
        }
        if !reply.explanations.isEmpty {
            writer.key("explanations")
            writer.beginArray()
            for explanation in reply.explanations { Self.write(explanation, to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        writer.newline()
        return writer.bytes
    }

    private static func write(_ explanation: ErrorPage.Explanation, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("explanation")
        writer.string(explanation.explanation)
        if explanation.effect != .allow, let remediation = explanation.remediation {
            writer.key("remediation")
            writer.string(remediation)
        }
        writer.key("effect")
        switch explanation.effect {
        case .allow: writer.string("allow" as StaticString)
        case .deny: writer.string("deny" as StaticString)
        case .neither: writer.string("neither" as StaticString)
        }
        writer.endObject()
    }

    private func text(_ reply: LocalReply, _ requestID: String) -> String {
        var lines = ["\(reply.status) \(reply.title)", reply.message]
        if let upstream = reply.upstream {
            lines.append(upstream.cause.text)
            if let hint = upstream.hint { lines.append(hint) }
        }
        if let url = reply.loginURL { lines.append("sign in: \(url)") }
        lines += reply.explanations.map { "- \($0.explanation)" + ($0.effect == .allow ? "" : $0.remediation.map { ": \($0)" } ?? "") }
        lines += ["reason: \(reply.reasonCode)", "detail: \(reply.detail)", "request id: \(requestID)"]
        return lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
    }

    private func grpcHeaders(_ reply: LocalReply, _ requestID: String) -> [(name: String, value: String)] {
        let status = reply.grpcStatus ?? ResponseFlag(rawValue: reply.flags).flatMap { GRPCStatus(flag: $0) } ?? GRPCStatus(httpStatus: reply.status)
        return [
            ("grpc-status", String(status.rawValue)),
            ("grpc-message", GRPCStatus.encodeMessage("\(reply.title): \(reply.reasonCode) (request id \(requestID))")),
        ]
    }

    private func kubernetesStatus(_ reply: LocalReply, _ requestID: String) -> [UInt8] {
        let reason: String =
            switch reply.status {
            case 401, 450, 495: "Unauthorized"
            case 403: "Forbidden"
            case 404: "NotFound"
            default: ""
            }
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in [
            ("apiVersion", "v1"), ("kind", "Status"), ("status", "Failure"),
            ("message", "\(reply.title): \(reply.message) (\(reply.reasonCode), request id \(requestID))"), ("reason", reason),
        ] {
            writer.key(named: key)
            writer.string(value)
        }
        writer.key("code")
        writer.int(Int64(reply.status))
        writer.endObject()
        writer.newline()
        return writer.bytes
    }
}
