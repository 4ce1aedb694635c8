import Diagnostics
import HTTPWire
import PolicyCriteria
import PolicyLanguage
import Routing
import Testing

@testable import Decisions

enum DecisionFixture {
    static func policy(_ text: String, label: String = "policy", file: String = "config.yaml") throws -> CompiledPolicy {
        var report = DiagnosticReport()
        return try #require(CompiledPolicy.compile(text, file: file, label: label, catalog: .standard, report: &report), "\(report.rendered())")
    }

    static func route(_ policies: [CompiledPolicy], id: String = "r1", name: String = "app", definition: RouteDefinition = RouteDefinition())
        -> CompiledRoute
    {
        CompiledRoute(
            id: id, name: name, definition: definition,
            from: RouteSource(scheme: .https, host: HostPattern(host: "app.example.com", port: nil), text: "https://app.example.com"),
            destination: .upstream([]), access: RouteAccess(policies: policies, isPublic: false, showErrorDetails: false),
            identity: IdentityForwarding(passIdentityHeaders: false, issuerFormat: .hostOnly, claimHeaders: []),
            requestHeaders: RequestHeaderRules(filter: FieldFilter(), set: [], constantLines: []),
            responseHeaders: ResponseHeaderRules(filter: FieldFilter(), lines: [], rewrites: []), timeout: nil, idleTimeout: nil, upgrades: [])
    }

    static func facts(email: String? = nil, groups: [String] = [], path: String = "/", at seconds: Int64 = 1_700_000_000) -> RequestFacts {
        RequestFacts(
            principal: email.map { Principal(sessionID: "s-\($0)", userID: "u-\($0)", email: $0, groups: groups) }, method: "GET",
            path: FactText(path), host: "app.example.com", clientAddress: IPAddress("192.0.2.7"), hasClientAuthority: false,
            now: UnixTime(seconds: seconds))
    }

    static func decided(_ route: CompiledRoute, _ facts: RequestFacts, number: UInt64 = 1, size: Int = 1000) -> DecidedRequest {
        let verdict = PolicyEvaluator.evaluate(route.access.policies, facts)
        return DecidedRequest(
            requestID: RequestID(high: 0, low: number), route: route, facts: facts, verdict: verdict, status: verdict.outcome == .allowed ? 0 : 403,
            configurationHash: "hash", size: size)
    }
}
