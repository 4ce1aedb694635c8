/// One scalar of a claim. Nested claims are flattened at sign-in, so lists and objects do not occur.
public enum ClaimValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)

    /// Typed equality: `3` and `3.0` are the same number, `"3"` is none; strings compare by their bytes.
    public func isEqual(to other: ClaimValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.int(let left), .double(let right)), (.double(let right), .int(let left)): Double(left) == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }

    /// The scalar of a document; nil for lists and objects.
    public init?(_ value: PositionedValue) {
        switch value.kind {
        case .null: self = .null
        case .bool(let bool): self = .bool(bool)
        case .int(let int): self = .int(int)
        case .double(let double): self = .double(double)
        case .string(let string): self = .string(string)
        case .sequence, .mapping: return nil
        }
    }
}

extension ClaimValue: CustomStringConvertible {
    /// As in JSON, strings in quotes.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        }
    }
}
