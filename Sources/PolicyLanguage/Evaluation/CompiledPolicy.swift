public import Diagnostics

/// A policy ready to judge requests; immutable, shared by all threads.
public final class CompiledPolicy: Sendable {
    /// A criterion with the place it was written at.
    struct Test: Sendable {
        var source: CriterionSource
        var criterion: any Criterion
        var needsSession: Bool
    }

    /// A criterion as a function. Calling it keeps one context alive, while taking an existential out of an array copies all that it holds.
    struct Evaluator: Sendable {
        let evaluate: @Sendable (RequestFacts) -> CriterionResult

        init(_ criterion: some Criterion) {
            evaluate = { criterion.evaluate($0) }
        }
    }

    struct Conditional: Sendable {
        var connective: PolicyDocument.Connective
        var position: SourcePosition
        var tests: [Test]
        /// The criteria of `tests`, next to one another for the fast path.
        var evaluators: [Evaluator]
    }

    /// What decisions and explanations call the policy.
    public let label: String
    /// What it was compiled from.
    public let document: PolicyDocument
    let allow: [Conditional]
    let deny: [Conditional]
    /// What the verdict depends on, united over all criteria.
    public let dependencies: PolicyDependencies
    /// False if no request without a session can ever be allowed, whatever else it holds. True promises nothing.
    public let admitsAnonymous: Bool

    /// Compiles a document. All problems of all criteria go to `report`; nil if one of them is an error, and then the route must stay closed.
    ///
    /// Shadow rules are left out, or with `includingShadow` taken for rules like any other.
    public convenience init?(
        _ document: PolicyDocument, label: String = "policy", catalog: CriterionCatalog, options: PolicyOptions = .standard,
        includingShadow: Bool = false, report: inout DiagnosticReport
    ) {
        var compiler = PolicyCompiler(catalog: catalog, options: options, includesShadow: includingShadow)
        let allow = compiler.conditionals(of: document, for: .allow)
        let deny = compiler.conditionals(of: document, for: .deny)
        report.merge(compiler.report)
        guard !compiler.report.hasErrors else { return nil }
        self.init(label: label, document: document, allow: allow, deny: deny, dependencies: compiler.dependencies)
    }

    /// Parses and compiles a text, see ``PolicyDocument/parse(_:file:report:)``.
    public static func compile(
        _ text: String, file: String, label: String = "policy", catalog: CriterionCatalog, options: PolicyOptions = .standard,
        report: inout DiagnosticReport
    ) -> CompiledPolicy? {
        guard let document = PolicyDocument.parse(text, file: file, report: &report) else { return nil }
        return CompiledPolicy(document, label: label, catalog: catalog, options: options, report: &report)
    }

    private init(
        label: String, document: PolicyDocument, allow: [Conditional], deny: [Conditional], dependencies: PolicyDependencies
    ) {
        self.label = label
        self.document = document
        self.allow = allow
        self.deny = deny
        self.dependencies = dependencies
        self.admitsAnonymous = allow.contains { $0.admitsAnonymous }
    }

    /// The same policy, with the positions in `file` so many lines further down: for telling where its rules stand after a reload that only moved them.
    public func moved(byLines lines: Int, in file: String) -> CompiledPolicy {
        guard lines != 0 else { return self }
        return CompiledPolicy(
            label: label, document: document.moved(byLines: lines, in: file), allow: allow.map { $0.moved(byLines: lines, in: file) },
            deny: deny.map { $0.moved(byLines: lines, in: file) }, dependencies: dependencies)
    }

    /// Two policies as one: their rules are alternatives.
    public func joined(with other: CompiledPolicy) -> CompiledPolicy {
        CompiledPolicy(
            label: label, document: PolicyDocument(rules: document.rules + other.document.rules), allow: allow + other.allow,
            deny: deny + other.deny, dependencies: dependencies.union(other.dependencies))
    }
}

extension CompiledPolicy.Conditional {
    fileprivate func moved(byLines lines: Int, in file: String) -> Self {
        var moved = self
        moved.position = position.moved(byLines: lines, in: file)
        moved.tests = tests.map { test in
            CompiledPolicy.Test(source: test.source.moved(byLines: lines, in: file), criterion: test.criterion, needsSession: test.needsSession)
        }
        return moved
    }

    /// Whether it could be fulfilled without a session, and without the code that leads to sign-in.
    fileprivate var admitsAnonymous: Bool {
        switch connective {
        case .and: tests.allSatisfy { !$0.needsSession && $0.criterion.constant != false }
        case .or: tests.contains { !$0.needsSession && $0.criterion.constant != false }
        case .not: tests.allSatisfy { !$0.needsSession && $0.criterion.constant != true }
        case .nor: tests.allSatisfy { !$0.needsSession } && tests.contains { $0.criterion.constant != true }
        }
    }
}

private struct PolicyCompiler {
    let catalog: CriterionCatalog
    let options: PolicyOptions
    let includesShadow: Bool
    var report = DiagnosticReport()
    var dependencies: PolicyDependencies = []

    init(catalog: CriterionCatalog, options: PolicyOptions, includesShadow: Bool) {
        self.catalog = catalog
        self.options = options
        self.includesShadow = includesShadow
    }

    /// Conditionals without criteria are left out: they fulfil nothing and have no reasons.
    mutating func conditionals(of document: PolicyDocument, for action: PolicyDocument.Action) -> [CompiledPolicy.Conditional] {
        var compiled: [CompiledPolicy.Conditional] = []
        for rule in document.rules where rule.action == action && (includesShadow || !rule.isShadow) {
            for conditional in rule.conditionals where !conditional.criteria.isEmpty {
                let tests = conditional.criteria.compactMap { test($0) }
                compiled.append(
                    .init(
                        connective: conditional.connective, position: conditional.position, tests: tests,
                        evaluators: tests.map { CompiledPolicy.Evaluator($0.criterion) }))
            }
        }
        return compiled
    }

    private mutating func test(_ source: CriterionSource) -> CompiledPolicy.Test? {
        guard let type = catalog[source.name] else {
            report.error(
                "unknown-criterion", "unknown policy criterion: \(source.name)", at: source.position, help: catalog.help(forUnknown: source.name))
            return nil
        }
        var problems = DiagnosticReport()
        let criterion = type.init(source, options: options, report: &problems)
        if criterion == nil, !problems.hasErrors {
            problems.error("invalid-criterion", "\(source.key) has no usable value", at: source.data.position)
        }
        for var problem in problems.diagnostics {
            if problem.severity == .error { problem.message = "error generating criterion rules: " + problem.message }
            report.add(problem)
        }
        guard let criterion else { return nil }
        dependencies.formUnion(type.dependencies)
        return .init(source: source, criterion: criterion, needsSession: type.needsSession)
    }
}
