public import Diagnostics
public import PolicyLanguage

/// All that there is to say about a configuration file, from one reading of it.
public struct ConfigExamination: Sendable {
    /// Errors, warnings and notes, as a load would tell them.
    public var report = DiagnosticReport()
    /// Whether a server would start with it.
    public var isAccepted = false
    /// Where only some routes are wrong, the one without them; nil where nothing can be made of the file.
    public var snapshot: ConfigSnapshot?
    /// The file's text; nil if it could not be read.
    public var text: String?
    /// The text as it was parsed; nil if it could not be.
    public var document: PositionedValue?

    init(report: DiagnosticReport = DiagnosticReport(), text: String? = nil, document: PositionedValue? = nil) {
        self.report = report
        self.text = text
        self.document = document
    }
}
