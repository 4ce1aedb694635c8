import PolicyLanguage
import Routing

/// `remove_request_headers`.
struct RemoveRequestHeadersOption: RouteOption {
    let key = "remove_request_headers"
    let reference = RouteOptionReference(
        type: "list of header names", defaultValue: "–",
        text: "Headers that never reach the application. A name that `set_request_headers` sets too is removed.",
        example: "remove_request_headers: [X-Internal-Debug]")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let names = entry.strings(&context.report) else { return }
        for (index, name) in names.enumerated() {
            let position = entry.value.sequence.map { $0[index].position } ?? entry.position
            if entry.headerName(name, at: position, &context.report) { route.removeRequestHeaders.append(name) }
        }
    }
}
