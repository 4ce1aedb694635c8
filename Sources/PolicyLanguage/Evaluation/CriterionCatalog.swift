import Diagnostics

/// The criteria that a policy may use, by name.
public struct CriterionCatalog: Sendable {
    public let criteria: [any Criterion.Type]
    private let byName: [String: any Criterion.Type]

    /// Of two criteria of one name the first counts.
    public init(_ criteria: [any Criterion.Type]) {
        self.criteria = criteria
        self.byName = Dictionary(criteria.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public var names: [String] { criteria.map { $0.name } }

    public subscript(name: String) -> (any Criterion.Type)? { byName[name] }

    /// What to do about a name that is not in the catalog.
    func help(forUnknown name: String) -> String? {
        if PolicyDocument.Connective(rawValue: name) != nil { return "conditionals cannot be nested" }
        if name == "pomerium_routes" { return "its paths need no rule, remove it" }
        let lowered = name.lowercased()
        let nearest = byName[lowered] != nil ? lowered : Suggestion.nearest(to: lowered, in: names)
        return nearest.map { "did you mean \($0)?" }
    }
}
