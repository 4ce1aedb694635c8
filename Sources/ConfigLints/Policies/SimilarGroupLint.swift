import Diagnostics
import PolicyLanguage

/// Two spellings of what is likely one group.
struct SimilarGroupLint: ConfigLint {
    let rule = LintRule(
        code: "similar-group", summary: "a group spelt in two ways",
        text: """
            Groups are compared letter by letter. Two policies name groups that differ only in capitals, in `-`, `_`, `.` or blanks, or, where the \
            other spelling is used at least twice, in one letter too many, too few or swapped. The rarer spelling is reported. Names that differ in \
            a digit are taken as different.
            """,
        bad: LintRule.groups("finance", "Finance"), good: LintRule.groups("finance", "finance"))

    func check(_ subject: LintSubject, _ findings: inout LintFindings) {
        let mentions = GroupMention.all(in: subject)
        var uses: [String: Int] = [:]
        for mention in mentions { uses[mention.name, default: 0] += 1 }
        let names = mentions.map(\.name)
        var order: [String: Int] = [:]
        for (index, name) in names.enumerated() where order[name] == nil { order[name] = index }
        let distinct = order.keys.sorted { (order[$0] ?? 0) < (order[$1] ?? 0) }

        var better: [String: String] = [:]
        var byFolded: [String: String] = [:]
        for name in distinct {
            guard let other = byFolded.updateValue(name, forKey: Self.folded(name)) else { continue }
            // Of two that are used as often the first one counts.
            let keeps = uses[other, default: 0] >= uses[name, default: 0] ? other : name
            better[keeps == other ? name : other] = keeps
            byFolded[Self.folded(name)] = keeps
        }
        let frequent = Dictionary(distinct.filter { uses[$0, default: 0] > 1 }.flatMap { name in Self.neighbours(of: name).map { ($0, name) } }) {
            first, _ in first
        }
        for name in distinct where uses[name] == 1 && better[name] == nil {
            let neighbours = Self.neighbours(of: name)
            findings.steps += neighbours.count
            let found = neighbours.lazy.compactMap { frequent[$0] }.first { Self.isTypo(name, $0) }
            if let found { better[name] = found }
        }
        for mention in mentions {
            guard let other = better[mention.name] else { continue }
            findings.add(
                "the group \(mention.name) is spelt \(other) elsewhere\(uses[other, default: 0] > 1 ? ", \(uses[other, default: 0]) times" : "")",
                at: mention.value.position,
                help: "write \(other), if it is the same group",
                fix: subject.text?.replacing(mention.value, with: other).map { LintFix("write \(other)", [$0]) })
        }
    }

    private static func folded(_ name: String) -> String {
        String(name.lowercased().filter { !"-_. ".contains($0) })
    }

    /// The name, and the name without each of its letters: two names of one edit share one of these. Short and long names have none.
    private static func neighbours(of name: String) -> [String] {
        let letters = Array(name.utf8)
        guard (5...64).contains(letters.count) else { return [] }
        return [name] + letters.indices.map { String(decoding: letters[..<$0] + letters[($0 + 1)...], as: UTF8.self) }
    }

    /// One letter more, one less, or two swapped; never digits, and never another letter, as in `team-a` and `team-b`.
    private static func isTypo(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left.utf8), Array(right.utf8))
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        guard a != b, a.filter(isDigit) == b.filter(isDigit) else { return false }
        if a.count == b.count { return a.sorted() == b.sorted() }
        let (short, long) = a.count < b.count ? (a, b) : (b, a)
        // A plural is a name of its own.
        return long.count == short.count + 1 && long.dropLast() != short[...]
    }
}

extension LintRule {
    /// Two routes for one group each.
    fileprivate static func groups(_ first: String, _ second: String) -> String {
        let route = { (host: String, group: String) in
            "  - from: https://\(host).example.com\n    to: http://127.0.0.1:3000\n    policy:\n      - allow:\n          and:\n            - groups:\n                has: \(group)"
        }
        return routes + route("app", first) + "\n" + route("wiki", second)
    }
}
