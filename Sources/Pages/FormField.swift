/// A hidden field that a form carries along, such as its CSRF token.
public struct FormField: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    var row: [String: Any] { ["name": name, "value": value] }
}

/// A form that one button submits with `POST`.
public struct FormTarget: Sendable, Equatable {
    /// A path of this host or an absolute URL, query included. Anything else leaves the form out of the page.
    public var action: String
    public var hiddenFields: [FormField]

    public init(action: String, hiddenFields: [FormField] = []) {
        self.action = action
        self.hiddenFields = hiddenFields
    }

    var section: [String: Any]? {
        LinkTarget.accepted(action).map { ["action": $0, "fields": hiddenFields.map(\.row)] }
    }
}
