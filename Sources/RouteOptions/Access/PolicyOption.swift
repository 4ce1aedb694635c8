import PolicyLanguage
import Routing

/// `policy`.
struct PolicyOption: RouteOption {
    let key = "policy"
    let reference = RouteOptionReference(
        type: "policy", defaultValue: "–",
        text: """
            Who may use the route, in the policy language. It is joined with the other access options by OR; a deny rule beats every allow rule. \
            Beside an action may stand `explanation` and `remediation` for the person, and `shadow: true`, with which it is only watched.
            """,
        example: "policy: [{allow: {and: [{domain: {is: example.com}}]}}]")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        route.policy = PolicyDocument(entry.value, report: &context.report)
    }
}
