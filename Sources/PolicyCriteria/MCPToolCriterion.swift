import Diagnostics
import PolicyLanguage

/// `mcp_tool`: a string matcher over the tool of a Model Context Protocol `tools/call`. Every other method, and none, fails as no tool call.
struct MCPToolCriterion: Criterion {
    static let name = "mcp_tool"
    static let summary = "the tool of a Model Context Protocol call"
    static let dependencies: PolicyDependencies = .mcp

    private static let toolCall: FactText = "tools/call"

    private let matcher: StringMatcher

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let matcher = StringMatcher(source.data, report: &report) else { return nil }
        self.matcher = matcher
    }

    var wanted: String { matcher.description }

    func seen(_ facts: RequestFacts) -> String {
        guard let call = facts.mcp else { return "no method" }
        return call.tool.map { "\(call.method) of \"\($0)\"" } ?? "\(call.method)"
    }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        guard let call = facts.mcp, call.method == Self.toolCall else { return CriterionResult(.unfulfilled, .mcpNotAToolCall) }
        return .choose(matcher.matches(call.tool ?? .empty), .mcpToolMatch, .mcpToolNoMatch)
    }
}
