import Diagnostics
import PolicyLanguage

/// A group that nobody of this installation is in.
struct UnknownGroupLint: ConfigLint {
    let rule = LintRule(
        code: "unknown-group", summary: "a group that nobody is in (with `--data-dir`)",
        text: """
            Only where `--data-dir` names a data directory with users: none of its users and sessions has this group. Either it is misspelt, or \
            nobody of it has signed in so far. The same goes for `exclude`.
            """,
        badAllow: "and:\n  - groups:\n      has: finanec", goodAllow: "and:\n  - groups:\n      has: finance")

    func check(_ subject: LintSubject, _ findings: inout LintFindings) {
        guard let known = subject.knownGroups, !known.isEmpty else { return }
        var suggestions: [String: String?] = [:]
        for mention in GroupMention.all(in: subject) where !known.contains(mention.name) {
            // Looking for the nearest takes time that grows with the groups: for the first hundred names it is worth it.
            let nearest: String?
            if let made = suggestions[mention.name] {
                nearest = made
            } else {
                findings.steps += suggestions.count < 100 ? known.count : 0
                nearest = suggestions.count < 100 ? Suggestion.nearest(to: mention.name, in: known) : nil
                suggestions[mention.name] = nearest
            }
            findings.add(
                "nobody here is in the group \(mention.name)", at: mention.value.position, help: nearest.map { "did you mean \($0)?" },
                fix: nearest.flatMap { better in subject.text?.replacing(mention.value, with: better).map { LintFix("write \(better)", [$0]) } })
        }
    }
}
