import Diagnostics
import Routing

/// `name`.
struct NameOption: RouteOption {
    let key = "name"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "the host of `from`", text: "What logs, metrics and the routes portal call the route. Need not be unique.",
        example: "name: wiki")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let name = entry.string(&context.report) else { return }
        guard name.utf8.count <= 256, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            context.report.error("invalid-name", "name must be at most 256 bytes without control characters", at: entry.position)
            return
        }
        route.name = name.isEmpty ? nil : name
    }
}
