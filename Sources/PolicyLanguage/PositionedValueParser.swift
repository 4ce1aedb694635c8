public import Diagnostics
import Yams

extension PositionedValue {
    /// Bounds against documents that are small on the wire and huge in memory.
    public struct Limits: Sendable {
        /// Bytes of the text.
        public var bytes: Int
        /// Collections inside one another.
        public var depth: Int
        /// Scalars and collections after aliases were expanded.
        public var nodes: Int

        public init(bytes: Int = 16 << 20, depth: Int = 100, nodes: Int = 1_000_000) {
            self.bytes = bytes
            self.depth = depth
            self.nodes = nodes
        }

        public static let standard = Limits()
    }

    /// Reads one YAML (or JSON) document.
    ///
    /// An empty text is null. Problems go to `report`; the answer is nil only where the text could not be read as a whole (syntax, limits). A key
    /// that is no string is reported and kept under its text, so that the decoder can go on and tell what else is wrong.
    public static func parse(yaml: String, file: String, report: inout DiagnosticReport) -> PositionedValue? {
        parse(yaml: yaml, file: file, limits: .standard, report: &report)
    }

    /// As ``parse(yaml:file:report:)`` with other bounds.
    public static func parse(yaml: String, file: String, limits: Limits, report: inout DiagnosticReport) -> PositionedValue? {
        guard yaml.utf8.count <= limits.bytes else {
            report.error(
                "document-too-large", "document has \(yaml.utf8.count) bytes, the limit is \(limits.bytes)", at: SourcePosition(file: file))
            return nil
        }
        if let diagnostic = AliasKeyGuard.refusal(of: yaml, file: file) {
            report.add(diagnostic)
            return nil
        }
        do {
            // The resolver without rules: scalars are resolved below, and resolving them by Yams' regular expressions dominates large files.
            guard let root = try Yams.compose(yaml: SurrogatePairs.joined(in: yaml), .basic, .default, .utf8) else {
                return PositionedValue(.null, at: SourcePosition(file: file, line: 1, column: 1))
            }
            var composer = PositionedValueComposer(file: file, limits: limits)
            let value = composer.value(of: root, depth: 0)
            report.merge(composer.report)
            return composer.exhausted ? nil : value
        } catch {
            report.add(Diagnostic(yamlError: error, text: yaml, file: file))
            return nil
        }
    }
}

/// Turns Yams' nodes into positioned values; counts what it makes, because aliases may multiply a small text.
struct PositionedValueComposer {
    let file: String
    let limits: PositionedValue.Limits
    var report = DiagnosticReport()
    /// A limit was passed; what was built is incomplete.
    private(set) var exhausted = false
    private var nodes = 0

    init(file: String, limits: PositionedValue.Limits) {
        self.file = file
        self.limits = limits
    }

    mutating func value(of node: Node, depth: Int) -> PositionedValue {
        let position = position(of: node)
        guard admit(depth: depth, at: position) else { return PositionedValue(.null, at: position) }
        switch node {
        case .scalar(let scalar):
            return resolved(scalar, at: position)
        case .sequence(let sequence):
            var elements: [PositionedValue] = []
            for element in sequence where !exhausted {
                elements.append(value(of: element, depth: depth + 1))
            }
            return PositionedValue(.sequence(elements), at: position)
        case .mapping(let mapping):
            return PositionedValue(.mapping(entries(of: mapping, depth: depth)), at: position)
        case .alias:
            // Yams hands out the anchored node in place of an alias; this case exists for its encoder alone.
            report.error("yaml-syntax", "unresolved alias", at: position)
            return PositionedValue(.null, at: position)
        }
    }

    private func position(of node: Node) -> SourcePosition {
        SourcePosition(file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    }

    private mutating func admit(depth: Int, at position: SourcePosition) -> Bool {
        guard !exhausted else { return false }
        nodes += 1
        if nodes > limits.nodes {
            exhausted = true
            report.error(
                "document-too-large", "document has more than \(limits.nodes) values once its aliases are expanded", at: position)
        } else if depth > limits.depth {
            exhausted = true
            report.error("document-too-deep", "collections are nested more than \(limits.depth) deep", at: position)
        }
        return !exhausted
    }

    private mutating func entries(of mapping: Node.Mapping, depth: Int) -> [PositionedValue.Entry] {
        var entries: [PositionedValue.Entry] = []
        var merged: [PositionedValue.Entry] = []
        for (keyNode, valueNode) in mapping where !exhausted {
            let keyPosition = position(of: keyNode)
            guard case .scalar(let keyScalar) = keyNode else {
                report.error("key-not-a-string", "a mapping key must be a string", at: keyPosition)
                continue
            }
            if keyScalar.style == .plain, keyScalar.string == "<<" {
                merged += mergedEntries(of: valueNode, depth: depth)
                continue
            }
            if !keyScalar.isText {
                report.error(
                    "key-not-a-string", "a mapping key must be a string, found \(keyScalar.string)", at: keyPosition, help: "put it in quotes")
            }
            let value = value(of: valueNode, depth: depth + 1)
            entries.append(.init(key: keyScalar.string, keyPosition: keyPosition, value: value))
        }
        guard !merged.isEmpty else { return entries }
        // The mapping's own keys win over merged ones, and earlier merged mappings over later ones.
        var seen = Set(entries.map(\.key))
        for entry in merged where seen.insert(entry.key).inserted {
            entries.append(entry)
        }
        return entries
    }

    private mutating func mergedEntries(of node: Node, depth: Int) -> [PositionedValue.Entry] {
        let value = value(of: node, depth: depth + 1)
        if let entries = value.mapping { return entries }
        if let mappings = value.sequence, mappings.allSatisfy({ $0.mapping != nil }) { return mappings.flatMap { $0.mapping ?? [] } }
        if !exhausted {
            report.error("merge-key", "the merge key << needs an object or a list of objects, found \(value.kindName)", at: value.position)
        }
        return []
    }

    private mutating func resolved(_ scalar: Node.Scalar, at position: SourcePosition) -> PositionedValue {
        let text = scalar.string
        let prefix = "tag:yaml.org,2002:"
        switch scalar.tag.description {
        case "" where scalar.style == .plain, prefix + "int", prefix + "float", prefix + "bool", prefix + "null":
            return PositionedValue(ScalarResolution.kind(ofPlain: text), at: position, text: text)
        case "", "!", prefix + "str", prefix + "timestamp":
            return PositionedValue(.string(text), at: position, text: text)
        default:
            report.error("unsupported-tag", "the tag \(scalar.tag.description) is not supported", at: position)
            return PositionedValue(.string(text), at: position, text: text)
        }
    }
}

extension Node.Scalar {
    /// Whether the scalar stands for a string; Yams has marked the tag of plain and quoted keys alike, so the style decides.
    fileprivate var isText: Bool {
        guard style == .plain else { return true }
        if case .string = ScalarResolution.kind(ofPlain: string) { return true }
        return false
    }
}

extension Diagnostic {
    init(yamlError error: any Error, text: String, file: String) {
        let unknown = SourcePosition(file: file)
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let message = [context?.text.trimmedSpaces, problem].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")
            self.init(code: "yaml-syntax", message, at: SourcePosition(file: file, line: mark.line, column: mark.column))
        case .reader(let problem, let offset, _, _):
            self.init(code: "yaml-syntax", problem, at: offset.map { text.position(ofCharacter: $0, file: file) } ?? unknown)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let first = SourcePosition(file: file, line: context.mark.line, column: context.mark.column)
            let names = duplicates.sorted()
            if names.count == 1, let second = text.position(ofKey: names[0], after: first) {
                self.init(code: "duplicate-key", "mapping key \"\(names[0])\" already defined at line \(first.line)", at: second)
            } else {
                self.init(
                    code: "duplicate-key",
                    "mapping \(names.count == 1 ? "key" : "keys") \(names.map { "\"\($0)\"" }.joined(separator: ", ")) already defined", at: first,
                    help: "the position is that of the first one")
            }
        default:
            self.init(code: "yaml-syntax", "the document could not be read", at: unknown)
        }
    }
}

extension String {
    fileprivate var trimmedSpaces: String {
        var part = self[...]
        while part.last == " " { part.removeLast() }
        return String(part)
    }

    /// Where a key stands again, in a block mapping whose first key of this name is at `first`; nil in other layouts.
    fileprivate func position(ofKey key: String, after first: SourcePosition) -> SourcePosition? {
        let (line, column) = (first.line, first.column)
        guard line >= 1, column >= 1 else { return nil }
        var number = 0
        for candidate in split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            guard number > line, candidate.prefix(while: { $0 == " " }).count == column - 1 else { continue }
            let text = candidate.dropFirst(column - 1)
            if ["\(key):", "\"\(key)\":", "'\(key)':"].contains(where: { text.hasPrefix($0) }) {
                return SourcePosition(file: first.file, line: number, column: column)
            }
        }
        return nil
    }

    fileprivate func position(ofCharacter offset: Int, file: String) -> SourcePosition {
        var position = SourcePosition(file: file, line: 1, column: 1)
        for character in prefix(offset) {
            if character.isNewline {
                position.line += 1
                position.column = 1
            } else {
                position.column += 1
            }
        }
        return position
    }
}
