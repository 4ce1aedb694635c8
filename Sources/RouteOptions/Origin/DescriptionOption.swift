import Routing

/// `description`.
struct DescriptionOption: RouteOption {
    let key = "description"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "–", text: "Shown on the routes portal page.", example: "description: Handbook and meeting notes")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        route.explanation = entry.string(&context.report)
    }
}
