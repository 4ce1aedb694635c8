import Diagnostics
import Routing

extension SettingGroup {
    static let decisionLog = SettingGroup(
        title: "Decision log",
        settings: [
            .integer(
                "decision_log_max_records", \.decisionLogMaxRecords, in: 0...10_000_000,
                "Refused requests kept in the data directory for `postern explain`, the oldest go first; 0 keeps none. Those of visitors who are not signed in take at most half."
            ),
            .duration("decision_log_retention", \.decisionLogRetention, "How long they are kept at most; 0 means no limit."),
            .bool(
                "decision_log_allowed", \.decisionLogAllowed,
                "Keeps allowed requests as well, so that `postern policy replay` can tell who would lose access."),
            .custom(
                "shadow_config_file", type: "path", default: "–",
                """
                A candidate configuration. Its policies are evaluated on live traffic beside those of the routes with the same origin and path, and change \
                nothing but counters and the list of `postern policy shadow`. What is wrong with it is a warning.
                """
            ) { entry, context in
                if let path = entry.nonEmptyString(&context.report) { context.settings.shadowConfigFile = path }
            },
            .list(
                "administrators", \.administrators,
                "E-mail addresses, compared exactly, of those who may read decisions at `/api/v1/decisions` of the authenticate host."),
        ])
}
