import Routing

/// `show_error_details`.
struct ShowErrorDetailsOption: RouteOption {
    let key = "show_error_details"
    let reference = RouteOptionReference(
        type: "boolean", defaultValue: "false", text: "The page of a refused request says which rules failed.",
        example: "show_error_details: true")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let value = entry.bool(&context.report) else { return }
        route.showErrorDetails = value
    }
}
