/// A scalar of an identity provider's claims. Lists are kept as several values of one claim, objects are flattened with dots
/// (`{"a":{"b":1}}` becomes `a.b`), null is left out.
public enum ClaimValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case number(Double)
    case bool(Bool)

    /// Text for headers and tokens; whole numbers stand in plain decimal.
    public var text: String {
        switch self {
        case .string(let value): value
        case .integer(let value): String(value)
        case .number(let value): value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
        case .bool(let value): value ? "true" : "false"
        }
    }
}

extension ClaimValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        }
    }
}

/// Claims by name; every value is a list.
public typealias Claims = [String: [ClaimValue]]

extension Claims {
    /// The values of a claim joined with commas; nil when it is absent or empty.
    public func joined(_ name: String) -> String? {
        guard let values = self[name], !values.isEmpty else { return nil }
        return values.map(\.text).joined(separator: ",")
    }
}
