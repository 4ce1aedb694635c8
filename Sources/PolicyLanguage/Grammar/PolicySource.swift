public import Diagnostics

/// A policy as text that can be kept and compiled again, with the places that it was written at.
public struct PolicySource: Sendable, Equatable, Codable {
    /// ``CompiledPolicy/label``.
    public var label: String
    /// In the policy language, in YAML's flow style. Numbers and dates keep the spelling of their author.
    public var text: String
    /// `file:line:column` of every rule, conditional and criterion, in the order of ``text``.
    public var positions: [String]

    public init(_ policy: CompiledPolicy) {
        self.init(policy.document, label: policy.label)
    }

    public init(_ document: PolicyDocument, label: String) {
        var writer = DocumentWriter()
        var positions: [String] = []
        writer.beginArray()
        for rule in document.rules {
            positions.append(rule.position.description)
            writer.beginObject()
            if rule.isShadow { writer.member("shadow", true) }
            if let explanation = rule.explanation { writer.member("explanation", explanation) }
            if let remediation = rule.remediation { writer.member("remediation", remediation) }
            writer.key(rule.action.rawValue)
            writer.beginObject()
            for conditional in rule.conditionals {
                positions.append(conditional.position.description)
                writer.key(conditional.connective.rawValue)
                writer.beginArray()
                for criterion in conditional.criteria {
                    positions.append(criterion.position.description)
                    writer.beginObject()
                    writer.key(criterion.key)
                    writer.value(criterion.data)
                    writer.endObject()
                }
                writer.endArray()
            }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
        self.label = label
        self.text = writer.text
        self.positions = positions
    }

    /// The document with the positions of its author; nil, with the reasons in `report`, if the text cannot be read.
    public func document(report: inout DiagnosticReport) -> PolicyDocument? {
        guard var document = PolicyDocument.parse(text, file: label, report: &report) else { return nil }
        var rest = positions[...]
        let next = { (position: inout SourcePosition) in
            if let text = rest.popFirst() { position = SourcePosition(file: text) }
        }
        for rule in document.rules.indices {
            next(&document.rules[rule].position)
            for conditional in document.rules[rule].conditionals.indices {
                next(&document.rules[rule].conditionals[conditional].position)
                for criterion in document.rules[rule].conditionals[conditional].criteria.indices {
                    next(&document.rules[rule].conditionals[conditional].criteria[criterion].position)
                }
            }
        }
        return document
    }

    /// The policy, ready to judge; nil if it cannot be read or compiled.
    public func compile(catalog: CriterionCatalog, report: inout DiagnosticReport) -> CompiledPolicy? {
        document(report: &report).flatMap { CompiledPolicy($0, label: label, catalog: catalog, report: &report) }
    }
}

extension DocumentWriter {
    /// A value with the types that it has.
    public mutating func value(_ value: PositionedValue) {
        switch value.kind {
        case .null: raw("null")
        case .bool(let bool): self.bool(bool)
        case .int(let int): raw(value.text ?? "\(int)")
        case .double(let double): raw(value.text ?? "\(double)")
        case .string(let string): self.string(string)
        case .sequence(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .mapping(let entries):
            beginObject()
            for entry in entries {
                key(entry.key)
                self.value(entry.value)
            }
            endObject()
        }
    }
}
