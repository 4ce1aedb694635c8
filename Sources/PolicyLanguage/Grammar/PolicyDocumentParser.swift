public import Diagnostics

extension PolicyDocument {
    /// Bounds for a policy's text: it may come from anyone who may write a route.
    public static let limits = PositionedValue.Limits(bytes: 1 << 20, depth: 100, nodes: 100_000)

    /// Reads a policy's text, YAML or JSON.
    ///
    /// Every problem of the text goes to `report`, not the first one alone; nil if there was an error among them.
    public static func parse(_ text: String, file: String, report: inout DiagnosticReport) -> PolicyDocument? {
        var own = DiagnosticReport()
        defer { report.merge(own) }
        guard let value = PositionedValue.parse(yaml: text, file: file, limits: limits, report: &own) else { return nil }
        if value.isNull, value.text == nil {
            own.error("empty-policy", "EOF", at: value.position, help: "the text holds no policy; {} is one that admits nobody")
            return nil
        }
        let document = PolicyDocument(value, report: &own)
        return own.hasErrors ? nil : document
    }

    /// Reads a policy that stands inside another document; nil if there was an error.
    public init?(_ value: PositionedValue, report: inout DiagnosticReport) {
        var parser = PolicyDocumentParser()
        let rules = parser.rules(of: value)
        report.merge(parser.report)
        guard !parser.report.hasErrors else { return nil }
        self.init(rules: rules)
    }
}

/// Walks the tree once and goes on after each problem.
private struct PolicyDocumentParser {
    var report = DiagnosticReport()

    mutating func rules(of value: PositionedValue) -> [PolicyDocument.Rule] {
        switch value.kind {
        case .mapping(let entries):
            return rules(of: entries)
        case .sequence(let elements):
            return elements.flatMap { element -> [PolicyDocument.Rule] in
                guard let entries = element.mapping else {
                    problem("policy-structure", "unsupported type for rules array: \(element.parserTypeName)", at: element.position)
                    return []
                }
                return rules(of: entries)
            }
        default:
            problem(
                "policy-structure", "unsupported type for rule: \(value.parserTypeName)", at: value.position,
                help: "a policy is an object with allow or deny, or a list of such objects")
            return []
        }
    }

    private mutating func rules(of entries: [PositionedValue.Entry]) -> [PolicyDocument.Rule] {
        var rules: [PolicyDocument.Rule] = []
        var notes = Notes()
        for entry in entries {
            if take(entry, &notes) { continue }
            guard let action = PolicyDocument.Action(rawValue: entry.key) else {
                problem(
                    "unknown-action", "invalid action in rule: unsupported action: \(entry.key)", at: entry.keyPosition,
                    help: Self.didYouMean(entry.key, in: PolicyDocument.Action.allCases.map(\.rawValue) + Notes.keys) ?? "a rule has allow and deny")
                continue
            }
            guard let body = entry.value.mapping else {
                problem(
                    "policy-structure", "invalid value for action in rule, expected Object, got \(entry.value.parserTypeName)",
                    at: entry.value.position)
                continue
            }
            rules.append(.init(action, at: entry.keyPosition, conditionals: conditionals(of: body)))
        }
        for index in rules.indices {
            rules[index].isShadow = notes.isShadow
            rules[index].explanation = notes.explanation
            rules[index].remediation = notes.remediation
        }
        // `allow` comes first within one object, whatever the order of the text.
        return rules.filter { $0.action == .allow } + rules.filter { $0.action == .deny }
    }

    /// What stands beside the actions of one object, and holds for all of them.
    private struct Notes {
        static let keys = ["shadow", "explanation", "remediation"]

        var isShadow = false
        var explanation: String?
        var remediation: String?
    }

    /// Whether the entry is a note and no action.
    private mutating func take(_ entry: PositionedValue.Entry, _ notes: inout Notes) -> Bool {
        guard Notes.keys.contains(entry.key) else { return false }
        guard !entry.value.isNull else { return true }
        if entry.key == "shadow" {
            guard let isShadow = entry.value.bool else {
                problem("policy-structure", "shadow must be true or false, got \(entry.value.text ?? entry.value.typeName)", at: entry.value.position)
                return true
            }
            notes.isShadow = isShadow
            return true
        }
        guard let text = entry.value.scalarText else {
            problem("policy-structure", "\(entry.key) must be a string, got \(entry.value.typeName)", at: entry.value.position)
            return true
        }
        let note = text.isEmpty ? nil : text
        if entry.key == "explanation" { notes.explanation = note } else { notes.remediation = note }
        return true
    }

    private mutating func conditionals(of body: [PositionedValue.Entry]) -> [PolicyDocument.Conditional] {
        var conditionals: [PolicyDocument.Conditional] = []
        for entry in body where entry.key != "action" {
            guard let connective = PolicyDocument.Connective(rawValue: entry.key) else {
                let known = PolicyDocument.Connective.allCases.map(\.rawValue)
                problem(
                    "unknown-conditional", "unsupported conditional \"\(entry.key)\", only and, or, not, nor and action are allowed",
                    at: entry.keyPosition, help: Self.didYouMean(entry.key, in: known))
                continue
            }
            guard let elements = entry.value.sequence else {
                problem(
                    "policy-structure",
                    "invalid criteria in \"\(connective.rawValue)\"): unsupported type for criteria: \(entry.value.parserTypeName)",
                    at: entry.value.position, help: "write a list of criteria")
                continue
            }
            let criteria = elements.compactMap { criterion($0, in: connective) }
            conditionals.append(.init(connective, at: entry.keyPosition, criteria: criteria))
        }
        warnAboutJoining(conditionals)
        return conditionals
    }

    private mutating func criterion(_ value: PositionedValue, in connective: PolicyDocument.Connective) -> CriterionSource? {
        let place = "invalid criteria in \"\(connective.rawValue)\"): "
        guard let entries = value.mapping else {
            problem(
                "policy-structure", place + "unsupported type for criteria array: \(value.parserTypeName)", at: value.position,
                help: value.string.map { "write \($0): and what it is compared with" })
            return nil
        }
        guard entries.count == 1, let entry = entries.first else {
            problem(
                "policy-structure", place + "each criteria may only contain a single key and value", at: value.position,
                help: entries.isEmpty ? nil : "begin each criterion with a dash of its own")
            return nil
        }
        let parts = entry.key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return CriterionSource(
            name: parts.first.map(String.init) ?? "", subPath: parts.count > 1 ? String(parts[1]) : nil, position: entry.keyPosition,
            data: entry.value)
    }

    /// `and` beside `not` reads like "and not", but all conditionals of a rule are alternatives.
    private mutating func warnAboutJoining(_ conditionals: [PolicyDocument.Conditional]) {
        let filled = conditionals.filter { !$0.criteria.isEmpty }
        guard filled.count > 1 else { return }
        for conditional in filled where conditional.connective == .not || conditional.connective == .nor {
            report.warning(
                "joined-by-or", "\"\(conditional.connective.rawValue)\" is an alternative to the rule's other conditionals, not a further condition",
                at: conditional.position, help: "to exclude, write a deny rule, or use the matchers not and not_in inside and")
        }
    }

    private mutating func problem(_ code: String, _ message: String, at position: SourcePosition, help: String? = nil) {
        report.error(code, "invalid rules in policy: " + message, at: position, help: help)
    }

    private static func didYouMean(_ word: String, in known: [String]) -> String? {
        let lowered = word.lowercased()
        return (known.first { $0 == lowered } ?? Suggestion.nearest(to: lowered, in: known)).map { "did you mean \($0)?" }
    }
}

extension PositionedValue {
    /// The name of the kind in the texts that people search for, which are Pomerium's.
    public var parserTypeName: String {
        switch kind {
        case .null: "parser.Null"
        case .bool: "parser.Boolean"
        case .int, .double: "parser.Number"
        case .string: "parser.String"
        case .sequence: "parser.Array"
        case .mapping: "parser.Object"
        }
    }

    /// The bare name of the kind, for texts that name a type in the middle of a sentence.
    public var typeName: String {
        switch kind {
        case .null: "null"
        case .bool: "boolean"
        case .int, .double: "number"
        case .string: "string"
        case .sequence: "list"
        case .mapping: "object"
        }
    }
}
