import Diagnostics
import PolicyLanguage
import Routing

/// `rewrite_response_headers`.
struct RewriteResponseHeadersOption: RouteOption {
    let key = "rewrite_response_headers"
    let reference = RouteOptionReference(
        type: "list of {header, prefix, value}", defaultValue: "–",
        text: "Where the first value of the answer's `header` begins with `prefix`, that part becomes `value`. Mostly for `Location`.",
        example: "rewrite_response_headers: [{header: Location, prefix: \"http://internal/\", value: \"https://app.example.com/\"}]")

    private static let keys = ["header", "prefix", "value"]

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let elements = entry.value.sequence else { return entry.mismatch("a list", &context.report) }
        for element in elements {
            guard let parts = element.mapping else {
                entry.part(element).mismatch("a list of objects", &context.report)
                continue
            }
            for part in parts where !Self.keys.contains(part.key) {
                context.report.error(
                    "unknown-key", "unknown key \(part.key) in rewrite_response_headers", at: part.keyPosition,
                    help: Suggestion.nearest(to: part.key, in: Self.keys).map { "did you mean \($0)?" })
            }
            let header = element["header"].map(entry.part)
            guard let header, let name = header.nonEmptyString(&context.report) else {
                if header == nil { context.report.error("missing-key", "rewrite_response_headers needs a header", at: element.position) }
                continue
            }
            guard entry.headerName(name, at: header.position, &context.report) else { continue }
            let prefix = element["prefix"]?.scalarText ?? ""
            let value = element["value"]?.scalarText ?? ""
            guard FieldSyntax.isValue(value) else {
                context.report.error(
                    "invalid-header-value", "rewrite_response_headers: the value is not legal in HTTP", at: element["value"]?.position)
                continue
            }
            route.rewriteResponseHeaders.append(ResponseHeaderRewrite(header: name, prefix: prefix, value: value))
        }
    }
}
