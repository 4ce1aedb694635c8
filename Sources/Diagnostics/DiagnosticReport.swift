/// The problems found in one pass: everything is collected and told at once, never the first one alone.
public struct DiagnosticReport: Sendable, Equatable {
    public private(set) var diagnostics: [Diagnostic] = []

    public init(_ diagnostics: [Diagnostic] = []) {
        self.diagnostics = diagnostics
    }

    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
    public var isEmpty: Bool { diagnostics.isEmpty }

    public mutating func add(_ diagnostic: Diagnostic) {
        diagnostics.append(diagnostic)
    }

    public mutating func error(_ code: String, _ message: String, at position: SourcePosition?, help: String? = nil) {
        add(Diagnostic(.error, code: code, message, at: position, help: help))
    }

    public mutating func warning(_ code: String, _ message: String, at position: SourcePosition?, help: String? = nil) {
        add(Diagnostic(.warning, code: code, message, at: position, help: help))
    }

    public mutating func merge(_ other: DiagnosticReport) {
        diagnostics += other.diagnostics
    }

    /// The same, with the positions in `file` so many lines further down.
    public func moved(byLines lines: Int, in file: String) -> DiagnosticReport {
        guard lines != 0, !isEmpty else { return self }
        return DiagnosticReport(
            diagnostics.map { diagnostic in
                var moved = diagnostic
                moved.position = diagnostic.position?.moved(byLines: lines, in: file)
                return moved
            })
    }

    /// In the order of the files' lines; problems without a position come last, in the order in which they were found.
    public var sorted: [Diagnostic] {
        diagnostics.enumerated().sorted { lhs, rhs in
            switch (lhs.element.position, rhs.element.position) {
            case (let left?, let right?): left == right ? lhs.offset < rhs.offset : left < right
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): lhs.offset < rhs.offset
            }
        }.map(\.element)
    }

    /// One diagnostic after the other, then a line that counts them; empty when there is nothing to tell.
    public func rendered() -> String {
        guard !isEmpty else { return "" }
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count { $0.severity == .warning }
        var counts: [String] = []
        if errors > 0 { counts.append("\(errors) \(errors == 1 ? "error" : "errors")") }
        if warnings > 0 { counts.append("\(warnings) \(warnings == 1 ? "warning" : "warnings")") }
        let lines = sorted.map(\.description) + (counts.isEmpty ? [] : [counts.joined(separator: ", ")])
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Thrown where a function cannot go on: carries everything that was found.
public struct DiagnosticError: Error, Sendable, CustomStringConvertible {
    public var report: DiagnosticReport

    public init(_ report: DiagnosticReport) {
        self.report = report
    }

    public init(_ diagnostic: Diagnostic) {
        self.report = DiagnosticReport([diagnostic])
    }

    public var description: String { report.rendered() }
}
