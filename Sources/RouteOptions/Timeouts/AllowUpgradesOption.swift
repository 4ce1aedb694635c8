import Routing

/// `allow_upgrades`.
struct AllowUpgradesOption: RouteOption {
    let key = "allow_upgrades"
    let reference = RouteOptionReference(
        type: "list of strings", defaultValue: "the global setting",
        text: """
            What `Upgrade` may name, in place of the global list; `allow_websockets` and `allow_spdy` add to it. Other upgrades are refused with 403.
            """,
        example: "allow_upgrades: [websocket]")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let tokens = entry.upgradeTokens(&context.report) else { return }
        route.allowUpgrades = tokens
    }
}
