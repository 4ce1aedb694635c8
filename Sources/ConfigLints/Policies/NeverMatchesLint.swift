import Diagnostics
import PolicyLanguage

/// A criterion that no request can meet, by itself.
struct NeverMatchesLint: PolicyLint {
    let rule = LintRule(
        code: "never-matches", summary: "a criterion that no request can meet",
        text: """
            What the criterion wants cannot occur: an empty list, a value that it also excludes, a domain with `@` or a blank, an e-mail address \
            without `@`, a path that does not begin with `/` or that holds a query. In an `allow` rule it shuts people out; in a `deny` rule it \
            never denies.
            """,
        badAllow: "or:\n  - domain:\n      is: \"@example.com\"", goodAllow: "or:\n  - domain:\n      is: example.com")

    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        for criterion in policy.rules.flatMap(\.conditionals).flatMap(\.criteria) where criterion.isAboutOneText || criterion.name == "source_ip" {
            if criterion.name != "date", criterion.constant(now: subject.now) == false {
                findings.add("\(criterion.key) never holds: no value meets all of this", at: criterion.data.position, help: "compare the operators")
            }
            for wanted in criterion.wantedTexts {
                guard let text = wanted.string, let problem = Self.problem(of: text, in: criterion.name) else { continue }
                let fix = problem.instead.flatMap { better in subject.text?.replacing(wanted, with: better) }
                findings.add(
                    "\(criterion.key) is never \"\(text)\": \(problem.reason)", at: wanted.position,
                    help: problem.instead.map { "write \($0)" }, fix: fix.map { LintFix("write \(problem.instead ?? "")", [$0]) })
            }
        }
        for criterion in policy.rules.flatMap(\.conditionals).flatMap(\.criteria) where criterion.name == "http_path" {
            for entry in criterion.data.mapping ?? [] where entry.key == "starts_with" {
                guard let text = entry.value.string, !text.isEmpty, !text.hasPrefix("/") else { continue }
                findings.add(
                    "http_path never starts with \"\(text)\": every path begins with a slash", at: entry.value.position, help: "write /\(text)",
                    fix: subject.text?.replacing(entry.value, with: "/" + text).map { LintFix("begin it with a slash", [$0]) })
            }
        }
    }

    /// Why no request has this value; shared with the access options of routes.
    static func problem(of text: String, in name: String) -> (reason: String, instead: String?)? {
        var trimmed: String { String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
        switch name {
        case "domain":
            if text.isEmpty { return ("a domain is not empty", nil) }
            if text.utf8.contains(UInt8(ascii: "@")) {
                let bare = trimmed.split(separator: "@", omittingEmptySubsequences: false).last.map(String.init) ?? trimmed
                return ("a domain has no @", SourceText.isPlainSafe(bare) ? bare : nil)
            }
            if text.utf8.contains(UInt8(ascii: " ")) { return ("a domain has no blanks", SourceText.isPlainSafe(trimmed) ? trimmed : nil) }
            if text.hasPrefix("*") { return ("a star stands for itself", nil) }
        case "email":
            if text.utf8.contains(UInt8(ascii: " ")) { return ("an address has no blanks", SourceText.isPlainSafe(trimmed) ? trimmed : nil) }
            if !text.isEmpty, !text.utf8.contains(UInt8(ascii: "@")) { return ("an e-mail address has an @", nil) }
            if text.hasPrefix("*") || text.hasPrefix("@") { return ("a whole address is compared, use ends_with", nil) }
        case "http_path":
            if !text.hasPrefix("/") { return ("every path begins with a slash", SourceText.isPlainSafe("/" + text) ? "/" + text : nil) }
            if text.contains("?") { return ("the query is not part of the path", nil) }
        case "http_method":
            let upper = text.uppercased()
            if text != upper, knownMethods.contains(upper) { return ("methods are written in capitals", upper) }
        default: break
        }
        return nil
    }

    private static let knownMethods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"]
}
