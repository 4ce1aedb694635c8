public import Diagnostics
import HTTPWire
import PolicyCriteria
public import PolicyLanguage
public import RouteOptions
public import Routing

/// Makes routes ready for the byte path: policies compiled, filters built, header lines serialised, defaults filled in.
public struct RouteCompiler: Sendable {
    let defaults: RouteDefaults
    private let criteria: CriterionCatalog
    private let filters = FilterCache()

    public init(settings: Settings, criteria: CriterionCatalog) {
        defaults = RouteDefaults(settings)
        self.criteria = criteria
    }

    /// The route, or one that answers 503 under the same origin if it was refused or its policy does not compile; the reasons of the latter go
    /// into the report. Nil where not even the origin is known.
    public func compile(_ decoded: DecodedRoute, _ report: inout DiagnosticReport) -> CompiledRoute? {
        let definition = decoded.definition
        // Also for a route whose origin has a fault: everything is told in one go.
        var problems = DiagnosticReport()
        let policies = policies(of: definition, &problems)
        // A fault in what decides nothing does not close the route.
        let shadow = problems.hasErrors ? [] : shadow(of: definition, beside: policies, &report)
        report.merge(problems)
        guard let from = definition.from else { return nil }
        let refusal = decoded.refusal ?? problems.sorted.first { $0.severity == .error }?.message
        let isUsable = refusal == nil
        let timeouts = timeouts(of: definition)
        return CompiledRoute(
            id: RouteIdentifier.make(definition), name: definition.name ?? from.host.text, definition: definition, from: from,
            destination: refusal.map { .unavailable($0) } ?? destination(of: definition),
            access: RouteAccess(
                policies: isUsable ? policies : [], shadow: isUsable ? shadow : [], isPublic: isUsable && definition.allowPublicUnauthenticatedAccess,
                showErrorDetails: definition.showErrorDetails),
            identity: IdentityForwarding(
                passIdentityHeaders: definition.passIdentityHeaders ?? defaults.passIdentityHeaders,
                issuerFormat: definition.jwtIssuerFormat ?? defaults.issuerFormat,
                claimHeaders: defaults.claimHeaders.map { ($0.header, $0.claim) },
                kubernetesToken: isUsable ? definition.kubernetesServiceAccountToken : nil),
            requestHeaders: requestHeaders(of: definition), responseHeaders: responseHeaders(of: definition), timeout: timeouts.complete,
            idleTimeout: timeouts.idle, upgrades: upgrades(of: definition),
            circuitBreaker: definition.circuitBreaker.over(defaults.circuitBreaker))
    }

    private func destination(of definition: RouteDefinition) -> CompiledRoute.Destination {
        if let redirect = definition.redirect { return .redirect(redirect) }
        if let response = definition.response { return .response(response) }
        return .upstream(definition.to)
    }

    /// The rules of the route's own options first, then its policy.
    private func policies(of definition: RouteDefinition, _ report: inout DiagnosticReport) -> [CompiledPolicy] {
        var policies: [CompiledPolicy] = []
        let options = basePolicy(of: definition).document(at: definition.position ?? SourcePosition(file: "route")) ?? PolicyDocument(rules: [])
        if let compiled = CompiledPolicy(options, label: "route options", catalog: criteria, report: &report) { policies.append(compiled) }
        if let document = definition.policy { warnAboutCertificates(document, &report) }
        if let document = definition.policy, let compiled = CompiledPolicy(document, label: "policy", catalog: criteria, report: &report) {
            policies.append(compiled)
        }
        return policies
    }

    /// The policies as they would be without `shadow: true`.
    private func shadow(of definition: RouteDefinition, beside policies: [CompiledPolicy], _ report: inout DiagnosticReport) -> [CompiledPolicy] {
        guard let document = definition.policy, document.hasShadow,
            let compiled = CompiledPolicy(document, label: "policy", catalog: criteria, includingShadow: true, report: &report)
        else { return [] }
        return policies.dropLast() + [compiled]
    }

    /// Without an authority nothing is invalid, so a rule that is meant to keep out would do nothing, silently.
    private func warnAboutCertificates(_ document: PolicyDocument, _ report: inout DiagnosticReport) {
        for criterion in document.rules.flatMap(\.conditionals).flatMap(\.criteria) where criterion.name == "invalid_client_certificate" {
            report.warning(
                "never-passes", "invalid_client_certificate never passes: no authority for client certificates is configured",
                at: criterion.position)
        }
    }

    private func basePolicy(of definition: RouteDefinition) -> RouteBasePolicy {
        var base = RouteBasePolicy()
        base.allowPublicUnauthenticatedAccess = definition.allowPublicUnauthenticatedAccess
        base.corsAllowPreflight = definition.corsAllowPreflight
        base.allowAnyAuthenticatedUser = definition.allowAnyAuthenticatedUser
        base.allowedDomains = definition.allowedDomains
        base.allowedUsers = definition.allowedUsers
        base.allowedIDPClaims = Dictionary(definition.allowedIDPClaims.map { ($0.name, $0.values) }, uniquingKeysWith: +)
        return base
    }

    private func requestHeaders(of definition: RouteDefinition) -> RequestHeaderRules {
        let removed = Set(definition.removeRequestHeaders.map { $0.lowercased() })
        let set = definition.setRequestHeaders.filter { !removed.contains($0.name.lowercased()) }
        var names = RequestHeaderRules.managedNames + definition.removeRequestHeaders + set.map(\.name) + defaults.claimHeaders.map(\.header)
        if definition.kubernetesServiceAccountToken != nil { names.append("authorization") }
        let filter = filters.filter(dropping: names, keepsUnderscoreNames: defaults.keepsUnderscoreNames)
        var lines: [UInt8]? = []
        for (name, value) in set {
            guard let text = value.constant else {
                lines = nil
                break
            }
            lines?.append(contentsOf: "\(name): \(text)\r\n".utf8)
        }
        return RequestHeaderRules(filter: filter, set: set, constantLines: lines)
    }

    private func responseHeaders(of definition: RouteDefinition) -> ResponseHeaderRules {
        var headers: [(name: String, value: String)] = []
        if !definition.disableResponseHeaders {
            let own = definition.setResponseHeaders ?? []
            let ownNames = Set(own.map { $0.name.lowercased() })
            headers = defaults.responseHeaders.filter { !ownNames.contains($0.name.lowercased()) }.map { ($0.name, $0.value) } + own
        }
        let lines = headers.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }
        return ResponseHeaderRules(
            filter: filters.filter(dropping: headers.map(\.name)), lines: lines, rewrites: definition.rewriteResponseHeaders)
    }

    private func timeouts(of definition: RouteDefinition) -> (complete: Int64?, idle: Int64?) {
        let isLongLived =
            definition.from?.scheme == .tcp || definition.allowWebsockets || (definition.allowUpgrades ?? []).contains("websocket")
            || definition.kubernetesServiceAccountToken != nil
        let complete = definition.timeout ?? (isLongLived ? 0 : defaults.timeout)
        let idle = definition.idleTimeout ?? (isLongLived ? 0 : Self.defaultIdleTimeout)
        return (complete == 0 ? nil : complete, idle == 0 ? nil : idle)
    }

    private static let defaultIdleTimeout: Int64 = 300_000_000_000

    private func upgrades(of definition: RouteDefinition) -> Set<String> {
        var upgrades = Set(definition.allowUpgrades ?? defaults.upgrades)
        if definition.allowWebsockets { upgrades.insert("websocket") }
        if definition.allowSPDY { upgrades.insert("spdy/3.1") }
        // What `kubectl exec`, `attach` and `port-forward` speak.
        if definition.kubernetesServiceAccountToken != nil { upgrades.formUnion(["websocket", "spdy/3.1"]) }
        return upgrades
    }
}
