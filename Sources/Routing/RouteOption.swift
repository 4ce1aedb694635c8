public import Diagnostics

/// One key of a route. One file per option in `RouteOptions`, one line in its catalog.
public protocol RouteOption: Sendable {
    /// As in the configuration file.
    var key: String { get }
    var reference: RouteOptionReference { get }

    /// Reads the value into the route; every problem goes into the report with its position, and the route keeps its default. The value is not
    /// null: that counts as unset.
    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext)
}

/// What the generated reference says of an option.
public struct RouteOptionReference: Sendable {
    /// For example `string`, `list of strings`, `duration`.
    public var type: String
    /// As written in a file; `–` where unset means something of its own.
    public var defaultValue: String
    /// One paragraph: effect, units, limits.
    public var text: String
    public var example: String

    public init(type: String, defaultValue: String, text: String, example: String) {
        self.type = type
        self.defaultValue = defaultValue
        self.text = text
        self.example = example
    }
}

/// What options may need while they are decoded.
public struct RouteDecodingContext {
    public var report = DiagnosticReport()
    /// Every file that was read, so that reload can watch it.
    public var referencedFiles: [String] = []
    /// Keys of the route that is being decoded, in lower case; for options that are written in two keys.
    public var siblings: [String: ConfigEntry] = [:]
    private let reader: @Sendable (String) throws -> String

    /// - Parameter readFile: reads a file that the configuration names; what it throws is shown to the operator.
    public init(readFile: @escaping @Sendable (String) throws -> String) {
        reader = readFile
    }

    /// Whether the route has a value for the key.
    public func has(_ key: String) -> Bool { siblings[key] != nil }

    /// The content of the file that the entry names, remembered as referenced whether it can be read or not.
    public mutating func file(named entry: ConfigEntry, or problem: (String) -> String) -> String? {
        guard let path = entry.nonEmptyString(&report) else { return nil }
        referencedFiles.append(path)
        do {
            return try reader(path)
        } catch {
            report.error("unreadable-file", problem("\(error)"), at: entry.position)
            return nil
        }
    }
}
