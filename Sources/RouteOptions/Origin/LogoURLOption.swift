import Routing

/// `logo_url`.
struct LogoURLOption: RouteOption {
    let key = "logo_url"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "–",
        text: "Picture of the route on the routes portal page: an `https` or `http` URL, a path, or a `data` URL of an image.",
        example: "logo_url: https://static.example.com/wiki.svg")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let text = entry.string(&context.report) else { return }
        route.logoURL = text.isEmpty ? nil : text
    }
}
