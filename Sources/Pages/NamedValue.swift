/// A row of a table: a header field or a claim with its value as text.
public struct NamedValue: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Both keys are always present: an absent one would show the value of the enclosing section.
    var row: [String: Any] { ["name": name, "value": value] }

    /// Whether the row could hold a credential: named as a token, or a value of the form of a JWT.
    var mayHoldToken: Bool {
        let name = name.lowercased()
        if name == "token" || name.hasSuffix("_token") || name.hasSuffix("-token") || name == "raw" { return true }
        return value.hasPrefix("eyJ") && value.split(separator: ".", omittingEmptySubsequences: false).count >= 3
    }
}
