import HTTPWire
import Observability
import PolicyLanguage
import Records
import Routing

/// Fields of the decision line, by the names of `authorize_log_fields`.
public enum DecisionLogField: String, Sendable, CaseIterable {
    case requestID = "request-id"
    case checkRequestID = "check-request-id"
    case method, path, host, ip, query
    case sessionID = "session-id"
    case serviceAccountID = "service-account-id"
    case user, email
    case routeID = "route-id"

    public static let defaults: [DecisionLogField] = [
        .requestID, .checkRequestID, .method, .path, .host, .ip, .sessionID, .serviceAccountID, .user, .email, .routeID,
    ]
}

/// Writes one line for every decision, also for those made before a policy was asked.
final class DecisionLog {
    private let buffer: LogBuffer
    private let fields: [DecisionLogField]
    /// JSON arrays of reason codes by set; a policy yields a handful of different sets.
    private var codes: [UInt64: [UInt8]] = [:]

    init(buffer: LogBuffer, fields: [DecisionLogField]) {
        self.buffer = buffer
        self.fields = fields
    }

    /// `outcome` and `status` say what became of the verdict; `why` stands in for it where there was none (storage fault).
    func write(
        _ request: AuthorizationRequest, _ active: ActiveSession?, verdict: PolicyVerdict?, outcome: StaticString, status: Int, why: String? = nil
    ) {
        let (allowReasons, denyReasons) = (verdict.map { json($0.allowReasons) }, verdict.map { json($0.denyReasons) })
        buffer.line("info", at: request.now) { writer in
            writer.key("service")
            writer.string("authorize" as StaticString)
            writer.key("message")
            writer.string("authorize check" as StaticString)
            for field in fields { Self.write(field, request, active, to: &writer) }
            if let verdict, let allowReasons, let denyReasons {
                writer.key("allow")
                writer.bool(verdict.allow)
                writer.key(verdict.allow ? "allow-why-true" : "allow-why-false")
                writer.raw(allowReasons)
                writer.key("deny")
                writer.bool(verdict.deny)
                writer.key(verdict.deny ? "deny-why-true" : "deny-why-false")
                writer.raw(denyReasons)
            }
            writer.key("outcome")
            writer.string(outcome)
            writer.key("status")
            writer.int(Int64(status))
            writer.key("route-name")
            writer.string(request.route.name)
            if let why {
                writer.key("error")
                writer.string(why)
            }
        }
    }

    private static func write(
        _ field: DecisionLogField, _ request: AuthorizationRequest, _ active: ActiveSession?, to writer: inout JSONWriter
    ) {
        switch field {
        case .requestID:
            writer.key("request-id")
            writer.plain { request.requestID.append(to: &$0) }
        case .checkRequestID:
            writer.key("check-request-id")
            writer.plain { request.requestID.append(to: &$0) }
        case .method:
            writer.key("method")
            writer.string(request.head.methodView)
        case .path:
            writer.key("path")
            writer.string(request.head.pathView)
        case .query:
            writer.key("query")
            writer.string(request.head.queryView)
        case .host:
            writer.key("host")
            writer.string(request.host)
        case .ip:
            writer.key("ip")
            writer.plain { request.clientAddress.append(to: &$0) }
        case .sessionID:
            guard let active else { return }
            writer.key("session-id")
            writer.string(active.session.id)
        case .serviceAccountID: return
        case .user:
            writer.key("user")
            writer.string(active?.session.userID ?? "")
        case .email:
            writer.key("email")
            writer.string(active?.email ?? "")
        case .routeID:
            writer.key("route-id")
            writer.string(request.route.id)
        }
    }

    private func json(_ reasons: ReasonSet) -> [UInt8] {
        if let known = codes[reasons.rawValue] { return known }
        if codes.count >= 1024 { codes.removeAll() }
        var writer = JSONWriter(reserving: 128)
        writer.beginArray()
        for code in reasons.codes { writer.string(code) }
        writer.endArray()
        codes[reasons.rawValue] = writer.bytes
        return writer.bytes
    }
}
