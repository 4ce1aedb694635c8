public import Diagnostics

/// Reads the fields of an object and tells about each that is of another type, and about those that nobody asked for.
public struct ObjectReader {
    private let subject: String
    /// How grave a field is that nobody asked for.
    private let unknownFields: Diagnostic.Severity
    private let entries: [PositionedValue.Entry]
    private var asked: [String] = []
    public private(set) var report = DiagnosticReport()

    /// An object without fields, and an error, if `value` is none.
    ///
    /// `subject` is what messages call the object; `unknownFields` how grave a field is that nobody asked for.
    public init(_ value: PositionedValue, subject: String, unknownFields: Diagnostic.Severity = .error) {
        self.subject = subject
        self.unknownFields = unknownFields
        entries = value.mapping ?? []
        if value.mapping == nil {
            report.error("invalid-value", "expected object for \(subject), got: \(value.typeName)", at: value.position)
        }
    }

    /// The field as it stands; nil if it is absent or null.
    public mutating func value(_ key: String) -> PositionedValue? {
        if !asked.contains(key) { asked.append(key) }
        return entries.first { $0.key == key }.map(\.value).flatMap { $0.isNull ? nil : $0 }
    }

    public mutating func string(_ key: String) -> String? {
        typed(key, "string") { $0.string }
    }

    /// A string that is not empty; what exporters write for "none" counts as absent.
    public mutating func filledString(_ key: String) -> String? {
        string(key).flatMap { $0.isEmpty ? nil : $0 }
    }

    public mutating func bool(_ key: String) -> Bool? {
        typed(key, "boolean") { $0.bool }
    }

    public mutating func sequence(_ key: String) -> [PositionedValue] {
        typed(key, "list") { $0.sequence } ?? []
    }

    public mutating func strings(_ key: String) -> [String]? {
        typed(key, "list of strings") { value in
            let strings = value.sequence?.compactMap(\.string)
            return strings?.count == value.sequence?.count ? strings : nil
        }
    }

    /// A string that `convert` understands, described by `expected` where it does not.
    public mutating func converted<Value>(_ key: String, _ expected: String, _ convert: (String) -> Value?) -> Value? {
        typed(key, expected) { $0.string.flatMap(convert) }
    }

    /// Another object inside this one.
    public mutating func object<Value>(_ key: String, _ read: (inout ObjectReader) -> Value) -> Value? {
        guard let value = value(key) else { return nil }
        return nested(value, "\(subject).\(key)", read)
    }

    /// The objects of a list.
    public mutating func objects<Value>(_ key: String, _ read: (inout ObjectReader) -> Value) -> [Value] {
        sequence(key).map { nested($0, "\(subject).\(key)", read) }
    }

    /// A warning about a field that was read.
    public mutating func remark(_ message: String, at position: SourcePosition?) {
        report.warning("invalid-value", message, at: position)
    }

    /// An error about a field that was read.
    public mutating func problem(_ message: String, at position: SourcePosition?) {
        report.error("invalid-value", message, at: position)
    }

    /// Everything found, with the fields that were not asked for.
    public func finished() -> DiagnosticReport {
        var report = report
        for entry in entries where !asked.contains(entry.key) {
            report.add(
                Diagnostic(
                    unknownFields, code: "unknown-key", "unexpected field in \(subject): \(entry.key)", at: entry.keyPosition,
                    help: Suggestion.nearest(to: entry.key, in: asked).map { "did you mean \($0)?" } ?? "known are " + asked.joined(separator: ", ")))
        }
        return report
    }

    private mutating func nested<Value>(_ value: PositionedValue, _ subject: String, _ read: (inout ObjectReader) -> Value) -> Value {
        var reader = ObjectReader(value, subject: subject, unknownFields: unknownFields)
        let result = read(&reader)
        report.merge(reader.finished())
        return result
    }

    private mutating func typed<Value>(_ key: String, _ expected: String, _ convert: (PositionedValue) -> Value?) -> Value? {
        guard let value = value(key) else { return nil }
        if let converted = convert(value) { return converted }
        problem("expected \(expected) for \(subject).\(key), got: \(value.text ?? value.typeName)", at: value.position)
        return nil
    }
}
