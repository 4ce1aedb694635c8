import Routing

extension SettingGroup {
    static let policyTests = SettingGroup(
        title: "Policy tests",
        settings: [
            .custom(
                "tests", type: "list of tests", default: "[]",
                """
                What must come out of requests, whichever route serves them: as the [route option](route-options.md#tests), but `request` is a \
                URL, or an object with `url`. They run on every load: where one fails, `check` and `run` refuse the file, and a reload keeps the \
                configuration before it. `postern policy test FILE` runs them alone. See [policy tests](../guides/policy.md#tests).
                """, form: .none
            ) { entry, context in context.settings.policyTests = PolicyTestReader.tests(in: entry, needsURL: true, &context.report) }
        ])
}
