import Diagnostics

/// Makes positioned values from the events of a document; counts what it makes, because aliases may multiply a small text.
struct PositionedValueComposer: ~Copyable {
    private var reader: YAMLEventReader
    private let file: String
    private let limits: PositionedValue.Limits
    private(set) var report = DiagnosticReport()
    private var nodes = 0
    private var anchors: [String: Anchored] = [:]

    /// What an alias stands for.
    private struct Anchored {
        var value: PositionedValue
        /// Values in it, itself included.
        var nodes: Int
        /// Collections inside one another, below it.
        var height: Int
        var isPlain: Bool
    }

    private enum Stop: Error {
        case problem(YAMLProblem)
        /// A limit was passed.
        case limit
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, limits: PositionedValue.Limits) throws(YAMLProblem) {
        reader = try YAMLEventReader(bytes)
        self.file = file
        self.limits = limits
    }

    /// The text's only document, null for an empty one. Nil where a limit was passed; ``report`` says which.
    mutating func document() throws(YAMLProblem) -> PositionedValue? {
        guard case .documentStart = try reader.next().event else { return PositionedValue(.null, at: position(YAMLMark(line: 1, column: 1))) }
        do throws(Stop) {
            let value = try value(depth: 0).value
            try expectEnd()
            return value
        } catch {
            switch error {
            case .problem(let problem): throw problem
            // The rest is not looked at: the scanner's time grows with the square of the depth.
            case .limit: return nil
            }
        }
    }

    private mutating func expectEnd() throws(Stop) {
        _ = try next()
        let (event, mark) = try next()
        if !event.isStreamEnd {
            throw .problem(.syntax("expected a single document in the stream, but found another document", at: mark))
        }
    }

    private mutating func next() throws(Stop) -> (event: YAMLEvent, mark: YAMLMark) {
        do throws(YAMLProblem) { return try reader.next() } catch { throw .problem(error) }
    }

    private func position(_ mark: YAMLMark) -> SourcePosition { SourcePosition(file: file, line: mark.line, column: mark.column) }

    // MARK: Values

    private typealias Composed = (value: PositionedValue, height: Int)

    private mutating func value(depth: Int) throws(Stop) -> Composed {
        let (event, mark) = try next()
        return try value(of: event, at: mark, depth: depth)
    }

    private mutating func value(of event: YAMLEvent, at mark: YAMLMark, depth: Int) throws(Stop) -> Composed {
        let position = position(mark)
        let before = nodes
        var made: Composed
        let name: String?
        switch event {
        case .alias(let name):
            let anchored = try anchored(name, mark)
            try admit(anchored.nodes, height: anchored.height, depth: depth, at: anchored.value.position)
            return (anchored.value, anchored.height)
        case .scalar(let scalar, let anchor):
            try admit(1, height: 0, depth: depth, at: position)
            made = (resolved(scalar, at: position), 0)
            name = anchor
        case .sequence(let anchor):
            try admit(1, height: 0, depth: depth, at: position)
            made = try sequence(at: position, depth: depth)
            name = anchor
        case .mapping(let anchor):
            try admit(1, height: 0, depth: depth, at: position)
            made = try mapping(at: position, depth: depth)
            name = anchor
        case .end, .documentStart, .documentEnd, .streamEnd:
            throw .problem(.syntax("expected a value", at: mark))
        }
        if let name { anchors[name] = Anchored(value: made.value, nodes: nodes - before, height: made.height, isPlain: event.isPlain) }
        return made
    }

    private func anchored(_ name: String, _ mark: YAMLMark) throws(Stop) -> Anchored {
        guard let anchored = anchors[name] else { throw .problem(.syntax("found undefined alias", at: mark)) }
        return anchored
    }

    private mutating func admit(_ count: Int, height: Int, depth: Int, at position: SourcePosition) throws(Stop) {
        nodes += count
        if nodes > limits.nodes {
            report.error("document-too-large", "document has more than \(limits.nodes) values once its aliases are expanded", at: position)
        } else if depth + height > limits.depth {
            report.error("document-too-deep", "collections are nested more than \(limits.depth) deep", at: position)
        } else {
            return
        }
        throw .limit
    }

    private mutating func sequence(at position: SourcePosition, depth: Int) throws(Stop) -> Composed {
        var elements: [PositionedValue] = []
        var height = 0
        while true {
            let (event, mark) = try next()
            if event.isEnd { return (PositionedValue(.sequence(elements), at: position), height) }
            let element = try value(of: event, at: mark, depth: depth + 1)
            elements.append(element.value)
            height = max(height, element.height + 1)
        }
    }

    private mutating func resolved(_ scalar: YAMLEvent.Scalar, at position: SourcePosition) -> PositionedValue {
        let prefix = "tag:yaml.org,2002:"
        switch scalar.tag {
        case "" where scalar.isPlain, prefix + "int", prefix + "float", prefix + "bool", prefix + "null":
            return PositionedValue(ScalarResolution.kind(ofPlain: scalar.text), at: position, text: scalar.text)
        case "", "!", prefix + "str", prefix + "timestamp":
            return PositionedValue(.string(scalar.text), at: position, text: scalar.text)
        default:
            report.error("unsupported-tag", "the tag \(scalar.tag) is not supported", at: position)
            return PositionedValue(.string(scalar.text), at: position, text: scalar.text)
        }
    }

    // MARK: Mappings

    private struct Key {
        /// Nil for a collection.
        var text: String?
        var position: SourcePosition
        var isPlain: Bool
    }

    private mutating func mapping(at position: SourcePosition, depth: Int) throws(Stop) -> Composed {
        var entries: [PositionedValue.Entry] = []
        var merged: [PositionedValue.Entry] = []
        var keys: [(text: String, mark: YAMLMark)] = []
        var height = 0
        while true {
            let (event, mark) = try next()
            if event.isEnd { break }
            let before = report
            let key = try key(of: event, at: mark, depth: depth)
            guard let text = key.text else {
                // What the two hold is not looked at.
                _ = try value(depth: depth + 1)
                report = before
                report.error("key-not-a-string", "a mapping key must be a string", at: key.position)
                continue
            }
            keys.append((text, YAMLMark(line: key.position.line, column: key.position.column)))
            let isMerge = key.isPlain && text == "<<"
            if !isMerge, key.isPlain, !Self.isText(text) {
                report.error("key-not-a-string", "a mapping key must be a string, found \(text)", at: key.position, help: "put it in quotes")
            }
            let value = try value(depth: depth + 1)
            height = max(height, value.height + 1)
            if isMerge {
                merged += mergedEntries(of: value.value)
            } else {
                entries.append(.init(key: text, keyPosition: key.position, value: value.value))
            }
        }
        try refuseDuplicates(keys)
        return (PositionedValue(.mapping(Self.entries(entries, with: merged)), at: position), height)
    }

    private mutating func key(of event: YAMLEvent, at mark: YAMLMark, depth: Int) throws(Stop) -> Key {
        switch event {
        case .alias(let name):
            let anchored = try anchored(name, mark)
            return Key(text: anchored.value.text, position: anchored.value.position, isPlain: anchored.isPlain)
        case .scalar(let scalar, let anchor):
            // Keys do not count; one with an anchor may be used as a value.
            if let anchor { anchors[anchor] = Anchored(value: resolved(scalar, at: position(mark)), nodes: 1, height: 0, isPlain: scalar.isPlain) }
            return Key(text: scalar.text, position: position(mark), isPlain: scalar.isPlain)
        default:
            _ = try value(of: event, at: mark, depth: depth + 1)
            return Key(text: nil, position: position(mark), isPlain: false)
        }
    }

    private static func isText(_ text: String) -> Bool {
        if case .string = ScalarResolution.kind(ofPlain: text) { true } else { false }
    }

    private func refuseDuplicates(_ keys: [(text: String, mark: YAMLMark)]) throws(Stop) {
        var duplicates: Set<String> = []
        if keys.count <= 8 {
            for index in keys.indices.dropFirst() where keys[..<index].contains(where: { $0.text == keys[index].text }) {
                duplicates.insert(keys[index].text)
            }
        } else {
            var seen: Set<String> = []
            for key in keys where !seen.insert(key.text).inserted { duplicates.insert(key.text) }
        }
        let names = duplicates.sorted()
        guard let first = keys.first(where: { $0.text == names.first }) else { return }
        throw .problem(.duplicateKeys(names, first: first.mark))
    }

    private mutating func mergedEntries(of value: PositionedValue) -> [PositionedValue.Entry] {
        if let entries = value.mapping { return entries }
        if let mappings = value.sequence, mappings.allSatisfy({ $0.mapping != nil }) { return mappings.flatMap { $0.mapping ?? [] } }
        report.error("merge-key", "the merge key << needs an object or a list of objects, found \(value.kindName)", at: value.position)
        return []
    }

    /// The mapping's own keys win over merged ones, and earlier merged mappings over later ones.
    private static func entries(_ own: [PositionedValue.Entry], with merged: [PositionedValue.Entry]) -> [PositionedValue.Entry] {
        guard !merged.isEmpty else { return own }
        var entries = own
        var seen = Set(own.map(\.key))
        for entry in merged where seen.insert(entry.key).inserted { entries.append(entry) }
        return entries
    }
}

extension YAMLEvent {
    fileprivate var isEnd: Bool { if case .end = self { true } else { false } }
    fileprivate var isStreamEnd: Bool { if case .streamEnd = self { true } else { false } }
    fileprivate var isPlain: Bool { if case .scalar(let scalar, _) = self { scalar.isPlain } else { false } }
}
