public import Diagnostics
public import PolicyLanguage
public import Routing

/// What came of one policy test.
public struct PolicyTestResult: Sendable {
    public var test: PolicyTest
    public var finding: PolicyProbe.Finding
    /// Wanted codes that the decision does not have.
    public var missingReasons: [Reason]
    /// Whether the test stands beside a route and another one serves its request.
    public var isServedElsewhere = false

    public var passed: Bool { test.expectation.isMet(by: finding.decision.outcome) && missingReasons.isEmpty && !isServedElsewhere }

    /// For a load that the failed test stops.
    public var diagnostic: Diagnostic {
        var text = "test \"\(test.name)\" failed: expected \(test.expectation.word)"
        if isServedElsewhere {
            text += " of this route, and another one serves the request"
        } else if test.expectation.isMet(by: finding.decision.outcome) {
            text += " because of " + missingReasons.map(\.rawValue).joined(separator: ", ")
        }
        let reasons = finding.decision.reasons
        text += ", got \(finding.decision.outcome.rawValue)" + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))")
        return Diagnostic(.error, code: "policy-test", text, at: test.position, help: help)
    }

    /// Where to look: the route, and criteria that are not as they would have to be.
    private var help: String {
        guard let route = finding.route else { return finding.note ?? "no route matches" }
        let criteria = (finding.decision.explanation ?? []).flatMap { $0.allow + $0.deny }.flatMap(\.criteria)
        let shown = criteria.prefix(Self.shownCriteria).map { "\($0.criterion) at \($0.position) wants \($0.wanted), saw \($0.seen)" }
        let rest = criteria.count > shown.count ? ["and \(criteria.count - shown.count) more"] : []
        return (["route \(route.name)"] + shown + rest).joined(separator: "; ")
    }

    private static let shownCriteria = 4
}

/// Runs the tests of a configuration against its own routes.
public enum PolicyTestRunner {
    /// All tests of a configuration: the top-level ones, then those of the routes in list order. `now` counts where a test names no moment.
    public static func run(_ config: ConfigSnapshot, now: UnixTime) -> [PolicyTestResult] {
        run(table: config.table, places: config.places, definitions: config.routes.map(\.definition), settings: config.settings, now: now)
    }

    static func run(table: RouteTable, places: RoutePlaces, definitions: [RouteDefinition], settings: Settings, now: UnixTime) -> [PolicyTestResult] {
        guard !settings.policyTests.isEmpty || definitions.contains(where: { !$0.tests.isEmpty }) else { return [] }
        let probe = PolicyProbe(table: table, places: places, settings: settings)
        var results = settings.policyTests.compactMap { run($0, url: $0.request.url, probe, now) }
        for definition in definitions {
            for test in definition.tests {
                guard var result = run(test, url: test.request.url ?? url(of: test, beside: definition), probe, now) else { continue }
                if let route = result.finding.route { result.isServedElsewhere = route.id != RouteIdentifier.make(definition) }
                results.append(result)
            }
        }
        return results
    }

    /// The route's origin, with some name in place of a star, and the test's path, else one that the route matches by its own text.
    private static func url(of test: PolicyTest, beside route: RouteDefinition) -> AbsoluteURL? {
        guard let origin = route.from?.text.replacing("*", with: "any") else { return nil }
        let own =
            switch route.path {
            case .exact(let bytes), .prefix(let bytes): String(decoding: bytes, as: UTF8.self)
            case .any, .regex: "/"
            }
        return try? AbsoluteURL((origin.hasSuffix("/") ? String(origin.dropLast()) : origin) + (test.request.path ?? own))
    }

    /// Errors for failed tests, warnings for those whose result depends on when they run.
    static func check(
        table: RouteTable, places: RoutePlaces, definitions: [RouteDefinition], settings: Settings, now: UnixTime, _ report: inout DiagnosticReport
    ) {
        for result in run(table: table, places: places, definitions: definitions, settings: settings, now: now) {
            if !result.passed {
                report.add(result.diagnostic)
            } else if result.finding.dependsOnTime, result.test.moment == nil {
                report.warning(
                    "test-without-time", "test \"\(result.test.name)\" asks a policy that looks at the clock, and does not say when",
                    at: result.test.position, help: "write at: 2026-01-31T12:00:00Z, so that the result is the same every day")
            }
        }
    }

    private static func run(_ test: PolicyTest, url: AbsoluteURL?, _ probe: PolicyProbe, _ now: UnixTime) -> PolicyTestResult? {
        guard let url else { return nil }
        let request = PolicyProbe.Request(url: url, method: test.request.method, address: test.request.address, headers: test.request.headers)
        let finding = probe.ask(request, as: test.subject, at: test.moment ?? now)
        let codes = Set(finding.decision.reasons)
        return PolicyTestResult(test: test, finding: finding, missingReasons: test.reasons.filter { !codes.contains($0.rawValue) })
    }
}
