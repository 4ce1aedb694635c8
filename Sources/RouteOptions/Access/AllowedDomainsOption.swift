import Routing

/// `allowed_domains`.
struct AllowedDomainsOption: RouteOption {
    let key = "allowed_domains"
    let reference = RouteOptionReference(
        type: "list of strings", defaultValue: "–",
        text: "Domains whose e-mail addresses may use the route. `policy` says the same with more to choose from.",
        example: "allowed_domains: [example.com]")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let values = entry.strings(&context.report) else { return }
        route.allowedDomains = values
    }
}
