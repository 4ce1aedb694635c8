public import Diagnostics
public import PolicyLanguage

/// One key of a configuration document with its value, and the readers by which keys are decoded.
///
/// A reader answers nil after it has reported what is wrong, at the value's position. Scalars are read leniently, as operators and environment
/// variables write them: `"true"` is a boolean and `8080` a string where one is wanted.
public struct ConfigEntry: Sendable {
    public var key: String
    public var keyPosition: SourcePosition
    public var value: PositionedValue

    public init(key: String, keyPosition: SourcePosition, value: PositionedValue) {
        self.key = key
        self.keyPosition = keyPosition
        self.value = value
    }

    public init(_ entry: PositionedValue.Entry) {
        self.init(key: entry.key, keyPosition: entry.keyPosition, value: entry.value)
    }

    public var position: SourcePosition { value.position }

    /// The same key with one part of its value, so that problems name the key and point at the part.
    public func part(_ value: PositionedValue) -> ConfigEntry {
        ConfigEntry(key: key, keyPosition: keyPosition, value: value)
    }

    public func mismatch(_ wanted: String, _ report: inout DiagnosticReport, help: String? = nil) {
        report.error("wrong-type", "\(key) must be \(wanted), found \(value.kindName)", at: position, help: help)
    }

    public func string(_ report: inout DiagnosticReport) -> String? {
        guard let text = value.scalarText else {
            mismatch("a string", &report)
            return nil
        }
        return text
    }

    public func nonEmptyString(_ report: inout DiagnosticReport) -> String? {
        guard let text = string(&report) else { return nil }
        guard !text.isEmpty else {
            report.error("empty-value", "\(key) must not be empty", at: position)
            return nil
        }
        return text
    }

    public func bool(_ report: inout DiagnosticReport) -> Bool? {
        if let bool = value.bool { return bool }
        switch value.scalarText {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        case let text?:
            report.error("wrong-type", "\(key) must be true or false, found \(text)", at: position)
            return nil
        case nil:
            mismatch("true or false", &report)
            return nil
        }
    }

    public func integer(in range: ClosedRange<Int>, _ report: inout DiagnosticReport) -> Int? {
        guard let number = value.int ?? value.string.flatMap({ Int($0) }) else {
            report.error("wrong-type", "\(key) must be a whole number, found \(value.scalarText ?? value.kindName)", at: position)
            return nil
        }
        guard range.contains(number) else {
            report.error(
                "out-of-range", "\(key) must be between \(range.lowerBound) and \(range.upperBound), found \(number)", at: position)
            return nil
        }
        return number
    }

    /// Nanoseconds; 0 means no limit.
    public func duration(_ report: inout DiagnosticReport) -> Int64? {
        guard let text = value.scalarText else {
            mismatch("a duration such as 30s", &report)
            return nil
        }
        do {
            return try DurationText.parse(text)
        } catch {
            report.error("invalid-duration", "\(key): \(error.message)", at: position, help: error.help)
            return nil
        }
    }

    /// A list of strings; one string alone is a list of one.
    public func strings(_ report: inout DiagnosticReport) -> [String]? {
        if let text = value.scalarText { return [text] }
        guard let elements = value.sequence else {
            mismatch("a list of strings", &report)
            return nil
        }
        var strings: [String] = []
        for element in elements {
            guard let text = part(element).string(&report) else { return nil }
            strings.append(text)
        }
        return strings
    }

    /// An object with strings as its values; entries with other values are reported and left out.
    public func stringMap(_ report: inout DiagnosticReport) -> [(name: PositionedValue.Entry, value: String)]? {
        guard let entries = value.mapping else {
            mismatch("an object", &report)
            return nil
        }
        var map: [(name: PositionedValue.Entry, value: String)] = []
        for entry in entries {
            guard let text = entry.value.scalarText else {
                report.error(
                    "wrong-type", "\(key): the value of \(entry.key) must be a string, found \(entry.value.kindName)", at: entry.value.position)
                continue
            }
            map.append((entry, text))
        }
        return map
    }

    /// One of `names`, without regard to case; empty takes the first.
    public func choice<Value>(of names: [(String, Value)], _ report: inout DiagnosticReport) -> Value? {
        guard let text = string(&report) else { return nil }
        if text.isEmpty { return names.first?.1 }
        let lowered = text.lowercased()
        if let found = names.first(where: { $0.0.lowercased() == lowered }) { return found.1 }
        let known = names.map(\.0)
        report.error(
            "unknown-value", "unsupported enum value \(text) for \(key)", at: position,
            help: Suggestion.nearest(to: lowered, in: known.map { $0.lowercased() }).map { "did you mean \($0)?" }
                ?? "the values are \(known.joined(separator: ", "))")
        return nil
    }

    /// Header names with their values, each legal in HTTP; problems are reported and left out.
    public func headers(_ report: inout DiagnosticReport) -> [(name: String, value: String, position: SourcePosition)]? {
        guard let map = stringMap(&report) else { return nil }
        var headers: [(name: String, value: String, position: SourcePosition)] = []
        var seen: Set<String> = []
        for (entry, value) in map {
            guard headerName(entry.key, at: entry.keyPosition, &report) else { continue }
            guard seen.insert(entry.key.lowercased()).inserted else {
                report.error("duplicate-header", "\(key) names the header \(entry.key) more than once", at: entry.keyPosition)
                continue
            }
            guard FieldSyntax.isValue(value) else {
                report.error(
                    "invalid-header-value", "\(key): the value of \(entry.key) is not legal in HTTP", at: entry.value.position,
                    help: "remove line breaks, other control characters, and blanks at both ends")
                continue
            }
            headers.append((entry.key, value, entry.value.position))
        }
        return headers
    }

    /// Whether a name may be set or removed by configuration.
    public func headerName(_ name: String, at position: SourcePosition, _ report: inout DiagnosticReport) -> Bool {
        guard FieldSyntax.isName(name) else {
            report.error("invalid-header-name", "\(key): \"\(name)\" is not a legal header name", at: position)
            return false
        }
        guard !FieldSyntax.isReserved(name) else {
            report.error(
                "reserved-header", "\(key): \(name) belongs to the proxy itself", at: position,
                help: name.lowercased() == "host" ? "use host_rewrite or preserve_host_header" : nil)
            return false
        }
        return true
    }

    /// PEM text in base64, as inline certificates and keys are written. PEM itself is taken too.
    public func base64Text(_ report: inout DiagnosticReport, or problem: (String) -> String) -> String? {
        guard let text = nonEmptyString(&report) else { return nil }
        if text.contains("-----BEGIN ") { return text }
        guard let bytes = Base64Text.decode(text) else {
            report.error("invalid-base64", problem("illegal base64 data"), at: position)
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    public func url(_ report: inout DiagnosticReport, or problem: (String) -> String) -> AbsoluteURL? {
        guard let text = string(&report) else { return nil }
        do {
            return try AbsoluteURL(text)
        } catch {
            report.error("invalid-url", problem(error.message), at: position)
            return nil
        }
    }
}

extension ConfigEntry {
    /// Protocols of `Upgrade` in lower case, empty ones left out.
    public func upgradeTokens(_ report: inout DiagnosticReport) -> [String]? {
        guard let texts = strings(&report) else { return nil }
        let tokens = texts.filter { !$0.isEmpty }
        if let bad = tokens.first(where: { !$0.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { FieldSyntax.isName(String($0)) } }
        ) {
            report.error("invalid-upgrade", "\(key): \"\(bad)\" is not the name of a protocol", at: position, help: "write for example websocket")
            return nil
        }
        return tokens.map { $0.lowercased() }
    }
}
