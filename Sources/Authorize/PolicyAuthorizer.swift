import Decisions
import HTTPWire
import KeyMaterial
public import Observability
import PolicyLanguage
import Records
public import Routing
import Sessions

/// Session, facts, verdict, permit: the decision for one request on one event loop.
///
/// Not shared between loops. Synchronous; a session that is not in memory makes it ask for a load.
public final class PolicyAuthorizer: RequestAuthorizer {
    private let settings: AuthorizeSettings
    private let directory: SessionDirectory
    private let loader: SessionLoader
    private let responder: DecisionResponder
    private let log: DecisionLog
    private let ownCookies: CookieNames
    private let kept: DecisionBuffer?
    private let keepsRefused: Bool
    private let keepsAllowed: Bool
    private let signingKey: SigningKey?
    /// By route, each of which is held by its permit. There are as many at most as the configuration has routes.
    private var anonymousPermits: [ObjectIdentifier: Permit] = [:]

    public init(settings: AuthorizeSettings, directory: SessionDirectory, log: LogBuffer) {
        self.settings = settings
        self.directory = directory
        loader = SessionLoader(directory: directory, settings: settings)
        responder = DecisionResponder(settings)
        self.log = DecisionLog(buffer: log, fields: settings.logFields)
        ownCookies = CookieNames(names: settings.cookies.ownNames, prefixes: [settings.cookies.attemptPrefix])
        kept = settings.decisions.map { DecisionBuffer(queue: $0.queue) }
        keepsRefused = settings.decisions?.keepsRefused ?? false
        keepsAllowed = settings.decisions?.keepsAllowed ?? false
        signingKey = settings.signingKeys.first
    }

    public func handOver() { kept?.handOver() }

    public func authorize(_ request: AuthorizationRequest, loaded: (any LoadedSession)?) -> AuthorizationStep {
        let now = request.now / 1_000_000_000
        switch loader.find(request, loaded: loaded as? LoadedSessions, now: now) {
        case .anonymous:
            return .decided(decide(request, nil, now: now))
        case .active(let cached):
            return .decided(decide(request, cached, now: now))
        case .unknown(let handles) where loaded == nil:
            let directory = directory
            return .load {
                var results: [String: SessionLookup] = [:]
                for handle in handles { results[handle.sessionID] = await directory.load(handle.sessionID) }
                return LoadedSessions(results: results)
            }
        case .unknown:
            return .decided(unavailable(request, why: "the session was not loaded"))
        case .unavailable(let why):
            return .decided(unavailable(request, why: why))
        }
    }

    public var epoch: UInt64 { directory.epoch }

    public func check(_ permit: Permit, now: Int64) -> PermitCheck {
        guard let id = permit.sessionID, directory.known(id, at: now / 1_000_000_000) == nil else { return .holds }
        let directory = directory
        // A session can also have left the memory for want of room: only the store knows whether it is over.
        return .ask { if case .missing = await directory.load(id) { false } else { true } }
    }

    public func reconsider(_ permit: Permit, for request: AuthorizationRequest) -> PermitCheck {
        guard let id = permit.sessionID else { return Self.allows(request, nil) ? .holds : .over }
        if let active = directory.known(id, at: request.now / 1_000_000_000) {
            return Self.allows(request, active) ? .holds : .over
        }
        let directory = directory
        return .ask {
            switch await directory.load(id) {
            case .active(let active): Self.allows(request, active)
            case .missing: false
            // Only a missing record means signed out; the next look will know.
            case .unavailable: true
            }
        }
    }

    private static func allows(_ request: AuthorizationRequest, _ active: ActiveSession?) -> Bool {
        PolicyEvaluator.evaluate(request.route.access.policies, facts(request, active?.principal)).outcome == .allowed
    }

    private func decide(_ request: AuthorizationRequest, _ cached: CachedSession?, now: Int64) -> AuthorizationOutcome {
        let facts = Self.facts(request, cached?.active.principal)
        let verdict = PolicyEvaluator.evaluate(request.route.access.policies, facts)
        if !request.route.access.shadow.isEmpty {
            kept?.compare(
                request.route, facts, isAllowed: verdict.outcome == .allowed, requestID: request.requestID,
                linesMoved: settings.decisions?.places.linesMoved(by: request.route) ?? 0)
        }
        guard verdict.outcome == .allowed else {
            let response = responder.respond(request, cached?.active, facts, verdict)
            // Being sent to sign in is no denial, and a crawler is told what it wants to know.
            if keepsRefused, response.status != 302, request.path != "/robots.txt" {
                keep(request, facts, verdict, status: DecisionResponder.status(of: verdict.outcome))
            }
            log.write(
                request, cached?.active, verdict: verdict, outcome: verdict.outcome == .login ? "login" : "denied", status: response.status)
            return .respond(response)
        }
        if keepsAllowed { keep(request, facts, verdict, status: 0) }
        return permit(request, cached, verdict, now: now)
    }

    private func keep(_ request: AuthorizationRequest, _ facts: RequestFacts, _ verdict: PolicyVerdict, status: Int) {
        guard let kept, let recorder = settings.decisions else { return }
        kept.add(
            DecidedRequest(
                requestID: request.requestID, route: request.route, facts: facts, verdict: verdict, status: status,
                configurationHash: recorder.configurationHash, linesMoved: recorder.places.linesMoved(by: request.route),
                size: request.head.bytes.count &+ 512))
    }

    private static func facts(_ request: AuthorizationRequest, _ principal: Principal?) -> RequestFacts {
        let head = request.head
        let path = FactText(request.path.storage, request.path.range)
        return RequestFacts(
            principal: principal,
            method: FactText(head.bytes, head.method.range),
            path: path.percentDecoded ?? path,
            host: FactText(request.host.storage, request.host.range),
            query: FactText(head.bytes, (head.query ?? ByteRange()).range),
            headers: HeaderFacts(head.bytes, Int(head.fields.first?.name.lower ?? 0)..<head.bytes.count),
            clientAddress: request.clientAddress,
            hasClientAuthority: false,
            now: UnixTime(nanoseconds: request.now))
    }

    private func permit(_ request: AuthorizationRequest, _ cached: CachedSession?, _ verdict: PolicyVerdict, now: Int64) -> AuthorizationOutcome {
        do {
            let permit = try makePermit(request, cached, now: now)
            log.write(request, cached?.active, verdict: verdict, outcome: "allowed", status: 0)
            return .permit(permit)
        } catch {
            log.write(request, cached?.active, verdict: verdict, outcome: "failed", status: 500, why: "\(error)")
            return .respond(responder.unsigned(request))
        }
    }

    private func makePermit(_ request: AuthorizationRequest, _ cached: CachedSession?, now: Int64) throws -> Permit {
        let route = request.route
        let needsTemplates = route.requestHeaders.constantLines == nil
        guard let cached else { return anonymousPermit(request, needsTemplates: needsTemplates) }
        let signs = route.identity.passIdentityHeaders || needsTemplates || route.identity.kubernetesToken != nil
        let entry = try cached.permits.entry(
            for: cached.active, route: route, host: request.host, now: now, key: signs ? signingKey : nil, ownCookies: ownCookies)
        guard needsTemplates else { return entry.permit }
        let lines = HeaderTemplateLines.render(request, cached.active, assertion: entry.assertion.isEmpty ? nil : entry.assertion)
        return Permit(entry.permit, templateLines: lines)
    }

    /// Of a route that lets in everybody.
    private func anonymousPermit(_ request: AuthorizationRequest, needsTemplates: Bool) -> Permit {
        let route = request.route
        if !needsTemplates, let known = anonymousPermits[ObjectIdentifier(route)] { return known }
        let permit = Permit(
            route: route, identityLines: [], templateLines: needsTemplates ? HeaderTemplateLines.render(request, nil, assertion: nil) : [],
            ownCookies: ownCookies, sessionID: nil, userID: nil, email: nil)
        if !needsTemplates { anonymousPermits[ObjectIdentifier(route)] = permit }
        return permit
    }

    private func unavailable(_ request: AuthorizationRequest, why: String) -> AuthorizationOutcome {
        log.write(request, nil, verdict: nil, outcome: "unavailable", status: 503, why: why)
        return .respond(responder.unavailable(request))
    }
}
