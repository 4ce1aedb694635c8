public import Diagnostics

/// Tests one text: `is`, `not`, `contains`, `starts_with`, `ends_with`, `in`, `not_in`; several operators must all hold.
///
/// A scalar is short for `is`, a list for `in`. Equality is typed and exact: a number never equals a text. An empty object is refused, because a
/// matcher without a condition would match everything.
public struct StringMatcher: Sendable {
    private enum Condition: Sendable {
        case anyOf(Alternatives)
        case noneOf(Alternatives)
        /// `not` of one value: the same as `noneOf` for one text, but among several names it is met by any that differs.
        case differs(FactText)
        case contains(FactText)
        case hasPrefix(FactText)
        case hasSuffix(FactText)
    }

    /// Few texts are compared one by one, many are looked up.
    private struct Alternatives: Sendable {
        private let list: [FactText]
        private let set: Set<FactText>?

        init(_ texts: [FactText]) {
            list = texts
            set = texts.count > 8 ? Set(texts) : nil
        }

        func contain(_ text: FactText) -> Bool {
            if let set { return set.contains(text) }
            for candidate in list where candidate == text { return true }
            return false
        }
    }

    public static let operators = ["is", "not", "contains", "starts_with", "ends_with", "in", "not_in"]

    private let conditions: [Condition]
    /// The matcher in the policy's words.
    public let description: String

    /// Matches any of `texts`. With `foldingCase`, ASCII capitals of the texts are made small, and so must be what is tested.
    public init(anyOf texts: [String], foldingCase: Bool = false) {
        let prepare = Self.preparation(foldingCase)
        self.conditions = [.anyOf(Alternatives(texts.map(prepare)))]
        self.description = texts.map { "\"\($0)\"" }.joined(separator: " or ")
    }

    /// Reads a matcher; problems go to `report`, nil if there was an error.
    public init?(_ value: PositionedValue, foldingCase: Bool = false, report: inout DiagnosticReport) {
        var reader = MatcherReader(foldingCase: foldingCase)
        let conditions = reader.conditions(of: value)
        report.merge(reader.report)
        guard !reader.report.hasErrors else { return nil }
        self.conditions = conditions
        self.description = reader.words.joined(separator: " and ")
    }

    public func matches(_ text: FactText) -> Bool {
        for condition in conditions where !Self.holds(condition, text) { return false }
        return true
    }

    /// Whether each condition is met by one of the texts, not necessarily by the same; `not` and `not_in` must be met by all of them, and no text at
    /// all meets nothing.
    public func matches(anyOf texts: [FactText]) -> Bool {
        guard !texts.isEmpty else { return false }
        return conditions.allSatisfy { condition in
            switch condition {
            case .noneOf, .differs: texts.allSatisfy { Self.holds(condition, $0) }
            default: texts.contains { Self.holds(condition, $0) }
            }
        }
    }

    /// As ``matches(anyOf:)`` for the names of a certificate, where `not` of one value is met by any name that differs.
    public func matches(names: [FactText]) -> Bool {
        guard !names.isEmpty else { return false }
        return conditions.allSatisfy { condition in
            if case .noneOf = condition { return names.allSatisfy { Self.holds(condition, $0) } }
            return names.contains { Self.holds(condition, $0) }
        }
    }

    private static func holds(_ condition: Condition, _ text: FactText) -> Bool {
        switch condition {
        case .anyOf(let alternatives): alternatives.contain(text)
        case .noneOf(let alternatives): !alternatives.contain(text)
        case .differs(let other): text != other
        case .contains(let part): text.contains(part)
        case .hasPrefix(let prefix): text.hasPrefix(prefix)
        case .hasSuffix(let suffix): text.hasSuffix(suffix)
        }
    }

    private static func preparation(_ foldingCase: Bool) -> (String) -> FactText {
        { foldingCase ? FactText($0).asciiLowercased : FactText($0) }
    }

    private struct MatcherReader {
        let prepare: (String) -> FactText
        var report = DiagnosticReport()
        var words: [String] = []

        init(foldingCase: Bool) {
            prepare = StringMatcher.preparation(foldingCase)
        }

        mutating func conditions(of value: PositionedValue) -> [Condition] {
            guard let entries = value.mapping else {
                return [condition(value.sequence == nil ? "is" : "in", value, at: value.position)].compactMap(\.self)
            }
            if entries.isEmpty { report.error("empty-matcher", "a matcher needs an operator, {} would match everything", at: value.position) }
            return entries.compactMap { condition($0.key, $0.value, at: $0.keyPosition) }
        }

        private mutating func condition(_ name: String, _ value: PositionedValue, at position: SourcePosition) -> Condition? {
            switch name {
            case "is": return texts(name, value, "is").map { .anyOf(Alternatives($0)) }
            case "in": return texts(name, value, "is one of").map { .anyOf(Alternatives($0)) }
            case "not":
                return texts(name, value, "is not").map { texts in
                    value.sequence == nil && texts.count == 1 ? .differs(texts[0]) : .noneOf(Alternatives(texts))
                }
            case "not_in": return texts(name, value, "is none of").map { .noneOf(Alternatives($0)) }
            case "contains": return text(name, value, "contains").map { .contains($0) }
            case "starts_with": return text(name, value, "starts with").map { .hasPrefix($0) }
            case "ends_with": return text(name, value, "ends with").map { .hasSuffix($0) }
            default:
                report.error(
                    "unknown-matcher", "unknown string matcher operator: \(name)", at: position,
                    help: Suggestion.nearest(to: name, in: StringMatcher.operators).map { "did you mean \($0)?" }
                        ?? "known are " + StringMatcher.operators.joined(separator: ", "))
                return nil
            }
        }

        /// The texts to compare with; scalars of other types are left out, since they equal no text.
        private mutating func texts(_ name: String, _ value: PositionedValue, _ verb: String) -> [FactText]? {
            let elements = value.sequence ?? [value]
            if name == "in" || name == "not_in" {
                guard value.sequence != nil, elements.allSatisfy({ $0.string != nil }) else {
                    report.error("invalid-matcher", "\(name) matcher requires an array of strings", at: value.position)
                    return nil
                }
            }
            var texts: [FactText] = []
            var shown: [String] = []
            for element in elements {
                if let string = element.string {
                    texts.append(prepare(string))
                    shown.append("\"\(string)\"")
                } else {
                    report.warning(
                        "never-equal", "\(element.kindName) never equals a text", at: element.position,
                        help: element.text.map { "put \($0) in quotes" })
                    shown.append(element.text ?? element.kindName)
                }
            }
            words.append(verb + " " + shown.joined(separator: ", "))
            return texts
        }

        private mutating func text(_ name: String, _ value: PositionedValue, _ verb: String) -> FactText? {
            guard let string = value.string else {
                report.error("invalid-matcher", "\(name) requires a string, found \(value.kindName)", at: value.position)
                return nil
            }
            words.append("\(verb) \"\(string)\"")
            return prepare(string)
        }
    }
}
