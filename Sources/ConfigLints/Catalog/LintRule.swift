public import Diagnostics

/// What a code stands for: the entry in the reference, and the rule in SARIF.
public struct LintRule: Sendable, Hashable {
    /// Stable; what `--allow` takes.
    public var code: String
    /// The usual severity; a finding may be milder.
    public var severity: Diagnostic.Severity
    /// One phrase, lower case.
    public var summary: String
    /// One paragraph: why it matters and what to do.
    public var text: String
    /// A complete configuration that raises this code and no other.
    public var bad: String
    /// The same, mended: it raises nothing.
    public var good: String

    public init(code: String, severity: Diagnostic.Severity = .warning, summary: String, text: String, bad: String, good: String) {
        self.code = code
        self.severity = severity
        self.summary = summary
        self.text = text
        self.bad = bad
        self.good = good
    }

    /// For rules whose examples are one route: `from` is put before, and the lines of the route are indented.
    init(
        code: String, severity: Diagnostic.Severity = .warning, summary: String, text: String, badRoute: String, goodRoute: String
    ) {
        self.init(
            code: code, severity: severity, summary: summary, text: text, bad: Self.configuration(badRoute), good: Self.configuration(goodRoute))
    }

    /// For rules whose examples are the conditionals of an `allow` rule.
    init(
        code: String, severity: Diagnostic.Severity = .warning, summary: String, text: String, badAllow: String, goodAllow: String
    ) {
        let route = { (lines: String) in "to: http://127.0.0.1:3000\npolicy:\n  - allow:\n" + Self.indented(lines, by: 6) }
        self.init(code: code, severity: severity, summary: summary, text: text, badRoute: route(badAllow), goodRoute: route(goodAllow))
    }

    /// How a configuration for hosts of one's own begins.
    static let routes = "authenticate_service_url: https://authenticate.example.com\nroutes:\n"

    private static func configuration(_ route: String) -> String {
        routes + "  - from: https://app.example.com\n" + indented(route, by: 4)
    }

    private static func indented(_ text: String, by count: Int) -> String {
        let blanks = String(repeating: " ", count: count)
        return text.split(separator: "\n").map { blanks + $0 }.joined(separator: "\n")
    }
}
