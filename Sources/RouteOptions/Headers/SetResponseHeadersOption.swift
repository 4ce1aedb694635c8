import PolicyLanguage
import Routing

/// `set_response_headers`.
struct SetResponseHeadersOption: RouteOption {
    let key = "set_response_headers"
    let reference = RouteOptionReference(
        type: "object", defaultValue: "the global setting",
        text: """
            Headers of the answer, laid over the global `set_response_headers`; they replace what the application sent. The key `disable` leaves out \
            all of them, the global ones too.
            """,
        example: "set_response_headers: {X-Frame-Options: DENY}")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        if entry.value["disable"] != nil {
            route.disableResponseHeaders = true
            return
        }
        guard let headers = entry.headers(&context.report) else { return }
        route.setResponseHeaders = headers.map { ($0.name, $0.value) }
    }
}
