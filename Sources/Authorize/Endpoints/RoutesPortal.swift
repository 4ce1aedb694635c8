public import HTTPEndpoints
public import HTTPTypes
import LocalReplies
import Observability
import Pages
import PolicyLanguage
public import Records
public import Routing
public import Sessions

/// Which routes a person may open, judged by the policies themselves for a plain `GET /` right now.
struct RoutesPortal: Sendable {
    let routes: [CompiledRoute]
    let clock: WallClock

    func visible(to active: ActiveSession, clientAddress: String) -> [CompiledRoute] {
        routes.filter { route in
            guard !route.from.host.isWildcard else { return false }
            let facts = RequestFacts(
                principal: active.principal, method: FactText("GET"), path: FactText("/"), host: FactText(route.from.host.text),
                clientAddress: IPAddress(clientAddress), hasClientAuthority: false, now: UnixTime(nanoseconds: clock.nanoseconds))
            return PolicyEvaluator.evaluate(route.access.policies, facts).outcome == .allowed
        }
    }
}

/// `/.pomerium/routes`: the portal page.
public struct RoutesPageEndpoint: ControlEndpoint {
    public let pattern = EndpointPattern(.exact("/.pomerium/routes"), on: .routes)
    public let methods: [HTTPRequest.Method] = [.get]
    private let resolver: SessionResolver
    private let settings: AuthorizeSettings
    private let portal: RoutesPortal

    public init(resolver: SessionResolver, settings: AuthorizeSettings, routes: [CompiledRoute], clock: WallClock) {
        self.resolver = resolver
        self.settings = settings
        portal = RoutesPortal(routes: routes, clock: clock)
    }

    public func respond(to request: ControlRequest) async throws -> ControlResponse {
        let gate = SignInGate(settings)
        guard let resolved = try await gate.session(of: request, resolver) else { return try gate.ask(request) }
        let active = ActiveSession(session: resolved.session, user: resolved.user)
        let entries = portal.visible(to: active, clientAddress: request.clientAddress).map { route in
            RoutesPage.Entry(name: route.name, from: route.from.text, description: route.definition.explanation, logoURL: route.definition.logoURL)
        }
        let branding = settings.renderer.branding
        let page = RoutesPage(routes: entries, signedInAs: active.email, requestID: request.requestID)
        return .html(page.render(branding: branding), contentSecurityPolicy: branding.contentSecurityPolicy(images: page.imageSources))
    }
}

/// `/.pomerium/api/v1/routes`: the same as JSON (reference: authentication section 4.7).
public struct RoutesAPIEndpoint: ControlEndpoint {
    public let pattern = EndpointPattern(.exact("/.pomerium/api/v1/routes"), on: .routes)
    public let methods: [HTTPRequest.Method] = [.get]
    private let resolver: SessionResolver
    private let settings: AuthorizeSettings
    private let portal: RoutesPortal

    public init(resolver: SessionResolver, settings: AuthorizeSettings, routes: [CompiledRoute], clock: WallClock) {
        self.resolver = resolver
        self.settings = settings
        portal = RoutesPortal(routes: routes, clock: clock)
    }

    public func respond(to request: ControlRequest) async throws -> ControlResponse {
        let gate = SignInGate(settings)
        guard let resolved = try await gate.session(of: request, resolver) else { return try gate.ask(request) }
        let active = ActiveSession(session: resolved.session, user: resolved.user)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("routes")
        writer.beginArray()
        for route in portal.visible(to: active, clientAddress: request.clientAddress) {
            writer.beginObject()
            for (key, value) in [
                ("id", route.id), ("name", route.name), ("type", route.from.scheme == .tcp ? "tcp" : "http"), ("from", route.from.text),
                ("description", route.definition.explanation ?? ""), ("logo_url", route.definition.logoURL ?? ""),
            ] {
                writer.key(named: key)
                writer.string(value)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.newline()
        return .json(writer.bytes)
    }
}
