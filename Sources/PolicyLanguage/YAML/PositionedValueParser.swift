public import Diagnostics

extension PositionedValue {
    /// Bounds against documents that are small on the wire and huge in memory.
    public struct Limits: Sendable {
        /// Bytes of the text.
        public var bytes: Int
        /// Collections inside one another.
        public var depth: Int
        /// Scalars and collections after aliases were expanded.
        public var nodes: Int

        public init(bytes: Int = 16 << 20, depth: Int = 100, nodes: Int = 1_000_000) {
            self.bytes = bytes
            self.depth = depth
            self.nodes = nodes
        }

        public static let standard = Limits()
    }

    /// Reads one YAML (or JSON) document.
    ///
    /// An empty text is null. Problems go to `report`; the answer is nil only where the text could not be read as a whole (syntax, limits). A key
    /// that is no string is reported and kept under its text, so that the decoder can go on and tell what else is wrong.
    public static func parse(yaml: String, file: String, report: inout DiagnosticReport) -> PositionedValue? {
        parse(yaml: yaml, file: file, limits: .standard, report: &report)
    }

    /// As ``parse(yaml:file:report:)`` with other bounds.
    public static func parse(yaml: String, file: String, limits: Limits, report: inout DiagnosticReport) -> PositionedValue? {
        guard yaml.utf8.count <= limits.bytes else {
            report.error(
                "document-too-large", "document has \(yaml.utf8.count) bytes, the limit is \(limits.bytes)", at: SourcePosition(file: file))
            return nil
        }
        var text = SurrogatePairs.joined(in: yaml)
        do throws(YAMLProblem) {
            // Not a closure of `withUTF8`: it could not throw this type.
            let result = text.withUTF8 { compose($0, file: file, limits: limits) }
            report.merge(result.report)
            return try result.value.get()
        } catch {
            report.add(Diagnostic(error, text: yaml, file: file))
            return nil
        }
    }

    private static func compose(
        _ bytes: UnsafeBufferPointer<UInt8>, file: String, limits: Limits
    ) -> (value: Result<PositionedValue?, YAMLProblem>, report: DiagnosticReport) {
        do throws(YAMLProblem) {
            var composer = try PositionedValueComposer(bytes, file: file, limits: limits)
            let value = try composer.document()
            return (.success(value), composer.report)
        } catch {
            // What was found before is not told: the rest of the text would have had its share.
            return (.failure(error), DiagnosticReport())
        }
    }
}

extension Diagnostic {
    fileprivate init(_ problem: YAMLProblem, text: String, file: String) {
        let unknown = SourcePosition(file: file)
        switch problem {
        case .syntax(let message, let mark):
            self.init(code: "yaml-syntax", message, at: SourcePosition(file: file, line: mark.line, column: mark.column))
        case .unreadable(let message, let offset):
            self.init(code: "yaml-syntax", message, at: text.position(ofByte: offset, file: file) ?? unknown)
        case .duplicateKeys(let names, let mark):
            let first = SourcePosition(file: file, line: mark.line, column: mark.column)
            if names.count == 1, let second = text.position(ofKey: names[0], after: first) {
                self.init(code: "duplicate-key", "mapping key \"\(names[0])\" already defined at line \(first.line)", at: second)
            } else {
                self.init(
                    code: "duplicate-key",
                    "mapping \(names.count == 1 ? "key" : "keys") \(names.map { "\"\($0)\"" }.joined(separator: ", ")) already defined", at: first,
                    help: "the position is that of the first one")
            }
        case .outOfMemory:
            self.init(code: "yaml-syntax", "the document could not be read", at: unknown)
        }
    }
}

extension String {
    /// Where a key stands again, in a block mapping whose first key of this name is at `first`; nil in other layouts.
    fileprivate func position(ofKey key: String, after first: SourcePosition) -> SourcePosition? {
        let (line, column) = (first.line, first.column)
        guard line >= 1, column >= 1 else { return nil }
        var number = 0
        for candidate in split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            guard number > line, candidate.prefix(while: { $0 == " " }).count == column - 1 else { continue }
            let text = candidate.dropFirst(column - 1)
            if ["\(key):", "\"\(key)\":", "'\(key)':"].contains(where: { text.hasPrefix($0) }) {
                return SourcePosition(file: first.file, line: number, column: column)
            }
        }
        return nil
    }

    fileprivate func position(ofByte offset: Int, file: String) -> SourcePosition? {
        guard let index = utf8.index(utf8.startIndex, offsetBy: offset, limitedBy: utf8.endIndex)?.samePosition(in: self) else { return nil }
        var position = SourcePosition(file: file, line: 1, column: 1)
        for character in self[..<index] {
            if character.isNewline {
                position.line += 1
                position.column = 1
            } else {
                position.column += 1
            }
        }
        return position
    }
}
