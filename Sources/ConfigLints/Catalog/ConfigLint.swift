public import PolicyLanguage
import Routing

/// One thing that `postern check` looks for in a configuration that can be loaded. One file per lint, one line in `LintCatalog`.
public protocol ConfigLint: Sendable {
    var rule: LintRule { get }

    /// Work must grow with the size of the configuration, not with the number of pairs in it.
    func check(_ subject: LintSubject, _ findings: inout LintFindings)
}

/// A lint that looks at routes one by one.
public protocol RouteLint: ConfigLint {
    func check(_ route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings)
}

extension RouteLint {
    public func check(_ subject: LintSubject, _ findings: inout LintFindings) {
        for route in subject.routes { check(route, subject, &findings) }
    }
}

/// A lint that looks at the `policy` of routes one by one.
public protocol PolicyLint: ConfigLint {
    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings)
}

extension PolicyLint {
    public func check(_ subject: LintSubject, _ findings: inout LintFindings) {
        for route in subject.routes {
            if let policy = route.definition.policy { check(policy, of: route, subject, &findings) }
        }
    }
}
