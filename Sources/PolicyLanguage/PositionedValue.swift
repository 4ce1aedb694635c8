public import Diagnostics

/// A JSON-like value that remembers where in its file each part was written.
///
/// It is what configuration files and policy documents are decoded from: every problem that a decoder finds can name file, line and column.
/// Mappings keep the order of the file. Aliases and merge keys are already expanded, so a node reached through an alias carries the position of
/// its anchor.
public struct PositionedValue: Sendable, Equatable {
    /// What the scalar or collection resolves to (YAML 1.2 core schema; `yes`, `on` and timestamps stay strings).
    public enum Kind: Sendable, Equatable {
        case null
        case bool(Bool)
        case int(Int)
        case double(Double)
        case string(String)
        case sequence([PositionedValue])
        case mapping([Entry])
    }

    /// One pair of a mapping.
    public struct Entry: Sendable, Equatable {
        public var key: String
        public var keyPosition: SourcePosition
        public var value: PositionedValue

        public init(key: String, keyPosition: SourcePosition, value: PositionedValue) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    public var kind: Kind
    public var position: SourcePosition
    /// The scalar as it was written, without its quotes: `007` stays `007`. Nil for collections.
    public var text: String?

    public init(_ kind: Kind, at position: SourcePosition, text: String? = nil) {
        self.kind = kind
        self.position = position
        self.text = text
        if text == nil, case .string(let string) = kind { self.text = string }
    }
}

extension PositionedValue.Entry {
    /// As ``PositionedValue/moved(byLines:in:)``.
    public func moved(byLines lines: Int, in file: String) -> Self {
        Self(key: key, keyPosition: keyPosition.moved(byLines: lines, in: file), value: value.moved(byLines: lines, in: file))
    }
}

extension PositionedValue {
    public var isNull: Bool { kind == .null }

    public var bool: Bool? {
        if case .bool(let value) = kind { value } else { nil }
    }

    public var int: Int? {
        if case .int(let value) = kind { value } else { nil }
    }

    /// The number; integers are converted.
    public var double: Double? {
        switch kind {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The value of a string scalar; nil for scalars of another type, see ``scalarText``.
    public var string: String? {
        if case .string(let value) = kind { value } else { nil }
    }

    /// The text of any scalar but null, so that `port: 8080` can be asked for as a string.
    public var scalarText: String? { isNull ? nil : text }

    public var sequence: [PositionedValue]? {
        if case .sequence(let values) = kind { values } else { nil }
    }

    public var mapping: [Entry]? {
        if case .mapping(let entries) = kind { entries } else { nil }
    }

    /// The value of a mapping's key; nil if this is no mapping or the key is absent. Linear in the number of keys.
    public subscript(key: String) -> PositionedValue? {
        mapping?.first { $0.key == key }?.value
    }

    /// The kind in an operator's words, for messages such as `expected a string, found a list`.
    public var kindName: String {
        switch kind {
        case .null: "null"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string: "a string"
        case .sequence: "a list"
        case .mapping: "an object"
        }
    }

    /// The same value, with the positions in `file` so many lines further down.
    public func moved(byLines lines: Int, in file: String) -> PositionedValue {
        guard lines != 0 else { return self }
        var moved = self
        moved.position = position.moved(byLines: lines, in: file)
        switch kind {
        case .sequence(let elements): moved.kind = .sequence(elements.map { $0.moved(byLines: lines, in: file) })
        case .mapping(let entries): moved.kind = .mapping(entries.map { $0.moved(byLines: lines, in: file) })
        case .null, .bool, .int, .double, .string: break
        }
        return moved
    }

    /// Whether both hold the same data; positions and spelling are ignored, `1` equals `1.0`, and the order of a mapping's keys does not matter.
    public func hasSameValue(as other: PositionedValue) -> Bool {
        switch (kind, other.kind) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.int, .double), (.double, .int), (.double, .double): double == other.double
        case (.string(let left), .string(let right)): left == right
        case (.sequence(let left), .sequence(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.hasSameValue(as: $1) }
        case (.mapping(let left), .mapping(let right)):
            left.count == right.count && left.allSatisfy { entry in other[entry.key]?.hasSameValue(as: entry.value) ?? false }
        default: false
        }
    }
}
