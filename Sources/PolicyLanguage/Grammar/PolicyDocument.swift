public import Diagnostics

/// A policy as it was written: rules, their conditionals, and criteria that nobody has looked into yet.
public struct PolicyDocument: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable, Codable {
        case allow, deny
    }

    public enum Connective: String, Sendable, CaseIterable, Codable {
        case and, or, not, nor
    }

    /// One conditional of a rule: a connective over a list of criteria. Without criteria it is never fulfilled.
    public struct Conditional: Sendable, Equatable {
        public var connective: Connective
        public var position: SourcePosition
        public var criteria: [CriterionSource]

        public init(_ connective: Connective, at position: SourcePosition, criteria: [CriterionSource]) {
            self.connective = connective
            self.position = position
            self.criteria = criteria
        }
    }

    /// One action with its conditionals; any of them fulfils it.
    public struct Rule: Sendable, Equatable {
        public var action: Action
        public var position: SourcePosition
        public var conditionals: [Conditional]
        /// Only watched: it says what would be, and decides nothing.
        public var isShadow = false
        /// For the person that it refuses or lets in, in words of the author.
        public var explanation: String?
        /// What the person can do about a refusal.
        public var remediation: String?

        public init(_ action: Action, at position: SourcePosition, conditionals: [Conditional]) {
            self.action = action
            self.position = position
            self.conditionals = conditionals
        }
    }

    public var rules: [Rule]

    public init(rules: [Rule]) {
        self.rules = rules
    }

    public var hasShadow: Bool { rules.contains { $0.isShadow } }
}

/// A criterion as it was written: `name: data` or `name/sub-path: data`.
public struct CriterionSource: Sendable, Equatable {
    public var name: String
    /// What follows the first `/` of the key; letter case is kept.
    public var subPath: String?
    public var position: SourcePosition
    public var data: PositionedValue

    public init(name: String, subPath: String? = nil, position: SourcePosition, data: PositionedValue) {
        self.name = name
        self.subPath = subPath
        self.position = position
        self.data = data
    }

    /// The key as it was written.
    public var key: String { subPath.map { "\(name)/\($0)" } ?? name }
}

extension PolicyDocument {
    /// The same rules, with the positions in `file` so many lines further down.
    public func moved(byLines lines: Int, in file: String) -> PolicyDocument {
        var moved = self
        for rule in rules.indices {
            moved.rules[rule].position = rules[rule].position.moved(byLines: lines, in: file)
            moved.rules[rule].conditionals = rules[rule].conditionals.map { conditional in
                Conditional(
                    conditional.connective, at: conditional.position.moved(byLines: lines, in: file),
                    criteria: conditional.criteria.map { $0.moved(byLines: lines, in: file) })
            }
        }
        return moved
    }
}

extension CriterionSource {
    /// As ``PolicyDocument/moved(byLines:in:)``.
    public func moved(byLines lines: Int, in file: String) -> CriterionSource {
        CriterionSource(
            name: name, subPath: subPath, position: position.moved(byLines: lines, in: file), data: data.moved(byLines: lines, in: file))
    }
}

extension PolicyDocument {
    /// Whether both decide the same, wherever it is written.
    public func hasSameRules(as other: PolicyDocument) -> Bool {
        let (mine, theirs) = (rules.filter { !$0.isShadow }, other.rules.filter { !$0.isShadow })
        guard mine.count == theirs.count else { return false }
        for index in mine.indices where !mine[index].isSame(as: theirs[index]) { return false }
        return true
    }
}

extension PolicyDocument.Rule {
    fileprivate func isSame(as other: Self) -> Bool {
        guard action == other.action, conditionals.count == other.conditionals.count else { return false }
        for index in conditionals.indices where !conditionals[index].isSame(as: other.conditionals[index]) { return false }
        return true
    }
}

extension PolicyDocument.Conditional {
    fileprivate func isSame(as other: Self) -> Bool {
        guard connective == other.connective, criteria.count == other.criteria.count else { return false }
        for index in criteria.indices where !criteria[index].isSame(as: other.criteria[index]) { return false }
        return true
    }
}

extension CriterionSource {
    fileprivate func isSame(as other: Self) -> Bool {
        name == other.name && subPath == other.subPath && data.hasSameValue(as: other.data)
    }
}
