public import PolicyLanguage

extension PositionedValue {
    /// Null, false, an empty text, list or object: what leaves a feature switched off.
    public var isOff: Bool {
        switch kind {
        case .null: true
        case .bool(let value): !value
        case .int, .double: false
        case .string(let text): text.isEmpty
        case .sequence(let elements): elements.isEmpty
        case .mapping(let entries): entries.isEmpty
        }
    }
}
