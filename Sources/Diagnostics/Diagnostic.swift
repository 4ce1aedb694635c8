/// A problem that an operator can see and mend.
///
/// Messages are lower case, without a final period and without names of implementation types, so that they read well behind `error: `.
public struct Diagnostic: Sendable, Hashable {
    public enum Severity: String, Sendable, Hashable, Comparable {
        case note, warning, error

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }

        public static func < (lhs: Severity, rhs: Severity) -> Bool { lhs.rank < rhs.rank }
    }

    /// Stable identifier that scripts may match, for example `unknown-key`.
    public var code: String
    public var severity: Severity
    public var message: String
    public var position: SourcePosition?
    /// What to do about it, one sentence or phrase.
    public var help: String?

    public init(
        _ severity: Severity = .error, code: String, _ message: String, at position: SourcePosition? = nil, help: String? = nil
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.position = position
        self.help = help
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: error: message [code]`, and the help on a line of its own.
    public var description: String {
        var text = position.map { "\($0): " } ?? ""
        text += "\(severity.rawValue): \(message) [\(code)]"
        if let help { text += "\n  help: \(help)" }
        return text
    }
}
