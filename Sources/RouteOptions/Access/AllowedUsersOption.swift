import Routing

/// `allowed_users`.
struct AllowedUsersOption: RouteOption {
    let key = "allowed_users"
    let reference = RouteOptionReference(
        type: "list of strings", defaultValue: "–",
        text: "User ids and e-mail addresses that may use the route. `policy` says the same with more to choose from.",
        example: "allowed_users: [alice@example.com]")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let values = entry.strings(&context.report) else { return }
        route.allowedUsers = values
    }
}
