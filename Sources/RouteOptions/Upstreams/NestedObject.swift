import Diagnostics
import PolicyLanguage
import Routing

/// An object inside the value of an option. Each key is taken once; what nobody takes is unknown, and ``finish(_:)`` says so.
///
/// Keys may be written as `max_ejection_time` or, as generated configurations do, `maxEjectionTime`.
struct NestedObject {
    let name: String
    let position: SourcePosition
    private var fields: [String: ConfigEntry] = [:]
    private var known: [String] = []

    /// Nil for what is no object, after it was reported. `name` is how problems call it.
    init?(_ entry: ConfigEntry, name: String, _ report: inout DiagnosticReport) {
        self.name = name
        position = entry.position
        if entry.value.isNull { return }
        guard let entries = entry.value.mapping else {
            ConfigEntry(key: name, keyPosition: entry.keyPosition, value: entry.value).mismatch("an object", &report)
            return nil
        }
        for part in entries {
            let field = ConfigEntry(key: "\(name): \(part.key)", keyPosition: part.keyPosition, value: part.value)
            if fields.updateValue(field, forKey: Self.folded(part.key)) != nil {
                report.error("duplicate-key", "\(name) has the key \(part.key) more than once", at: part.keyPosition)
            }
        }
    }

    private static func folded(_ key: String) -> String { key.lowercased().filter { $0 != "_" } }

    func has(_ key: String) -> Bool { fields[Self.folded(key)].map { !$0.value.isNull } ?? false }

    /// The entry of a key that has a value.
    mutating func take(_ key: String) -> ConfigEntry? {
        known.append(key)
        guard let entry = fields.removeValue(forKey: Self.folded(key)), !entry.value.isNull else { return nil }
        return entry
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>, _ report: inout DiagnosticReport) -> Int? {
        take(key)?.integer(in: range, &report)
    }

    mutating func bool(_ key: String, _ report: inout DiagnosticReport) -> Bool? { take(key)?.bool(&report) }

    mutating func duration(_ key: String, _ report: inout DiagnosticReport) -> Int64? { take(key)?.duration(&report) }

    /// A duration of at least a millisecond.
    mutating func interval(_ key: String, _ report: inout DiagnosticReport) -> Int64? {
        guard let entry = take(key), let duration = entry.duration(&report) else { return nil }
        guard duration >= 1_000_000 else {
            report.error("out-of-range", "\(entry.key) must be at least 1ms", at: entry.position)
            return nil
        }
        return duration
    }

    /// Reports a key that is understood and has no effect here.
    mutating func withoutEffect(_ key: String, because reason: String, _ report: inout DiagnosticReport) {
        guard let entry = take(key), !entry.value.isOff else { return }
        report.warning("ignored-setting", "\(entry.key) has no effect: \(reason)", at: entry.keyPosition)
    }

    func finish(_ report: inout DiagnosticReport) {
        for entry in fields.values.sorted(by: { $0.keyPosition < $1.keyPosition }) {
            let key = String(entry.key.dropFirst(name.count + 2))
            report.error(
                "unknown-key", "unknown key \(key) in \(name)", at: entry.keyPosition,
                help: Suggestion.nearest(to: key, in: known).map { "did you mean \($0)?" })
        }
    }
}
