import Observability

/// The reference page of `response-code-details` and `response-flags`, made from the table in the code.
enum ResponseCodePage {
    static var text: String {
        var text = """
            # Response codes

            `response-code-details` of an access line says what ended the request, `response-flags` which side did. Error pages show the detail, JSON
            answers have it as `statusText`, next to `status` (a string) and `requestId`. gRPC clients are told the code that goes with the flag, and
            without a flag the one that goes with the status. A reason may follow the detail: in braces for the application's side, in parentheses for
            the client's.

            ## Details

            | detail | status | flags | meaning |
            |---|---|---|---|

            """
        for detail in ResponseCodeDetail.allCases {
            let entry = detail.entry
            let statuses = entry.statuses.isEmpty ? "that of the answer" : entry.statuses.map(String.init).joined(separator: ", ")
            let flags = entry.flags.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            let reasons = entry.reasons.map { ". Reasons: \($0)" } ?? ""
            text += "| `\(detail.rawValue)` | \(statuses) | \(flags) | \(cell(entry.meaning + reasons)) |\n"
        }
        text += "\n## Flags\n\n| flag | gRPC status | meaning |\n|---|---|---|\n"
        for flag in ResponseFlag.allCases {
            text += "| `\(flag.rawValue)` | \(flag.grpcStatus.map(String.init) ?? "by status") | \(flag.meaning) |\n"
        }
        text += "\n## Names of other products that are never raised\n\n| detail | instead |\n|---|---|\n"
        for name in UnraisedResponseCode.all { text += "| `\(name.name)` | \(cell(name.instead)) |\n" }
        return text
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
