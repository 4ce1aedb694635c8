import Diagnostics
import PolicyLanguage
import Routing

/// `response`.
struct ResponseOption: RouteOption {
    let key = "response"
    let reference = RouteOptionReference(
        type: "object", defaultValue: "–",
        text: "A fixed answer after policy has let the visitor in: `status` (200 to 599) and `body` (at most 4096 bytes).",
        example: "response: {status: 200, body: \"User-agent: *\"}")

    static let maximumBody = 4096

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let entries = entry.value.mapping else { return entry.mismatch("an object", &context.report) }
        var response = DirectResponse(status: 200, body: "")
        var hasStatus = false
        for part in entries.map(ConfigEntry.init) where !part.value.isNull {
            switch part.key {
            case "status":
                hasStatus = true
                if let status = part.integer(in: 200...599, &context.report) { response.status = status }
            case "body":
                guard let body = part.string(&context.report) else { continue }
                guard body.utf8.count <= Self.maximumBody else {
                    context.report.error(
                        "body-too-large", "the body of a response has \(body.utf8.count) bytes, the limit is \(Self.maximumBody)", at: part.position)
                    continue
                }
                response.body = body
            default:
                context.report.error(
                    "unknown-key", "unknown key \(part.key) in response", at: part.keyPosition,
                    help: Suggestion.nearest(to: part.key, in: ["status", "body"]).map { "did you mean \($0)?" })
            }
        }
        if !hasStatus { context.report.error("missing-key", "response needs a status", at: entry.position, help: "write status: 200") }
        route.response = response
    }
}
